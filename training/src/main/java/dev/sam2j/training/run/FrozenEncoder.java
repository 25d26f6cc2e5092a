package dev.sam2j.training.run;

import dev.sam2j.hiera.StageBuffer;
import dev.sam2j.hiera.StageFeatures;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.model.PictureEncoder;
import dev.sam2j.tensor.Ops;
import java.util.function.Supplier;

/** Features of pictures by an encoder that is not trained, from the cache where it has them. */
final class FrozenEncoder implements AutoCloseable {
    private final LoadedModel model;
    private final FeatureCache cache;
    private final Ops ops;
    private final PictureEncoder encoder;
    private final float[] values;
    private long encoded;

    /**
     * With the encoder of a model.
     *
     * @param cache of this model's features
     */
    FrozenEncoder(LoadedModel model, FeatureCache cache) {
        this.model = model;
        this.cache = cache;
        this.ops = new Ops(model.backend());
        this.encoder = new PictureEncoder(model, ops);
        this.values = new float[cache.elements()];
    }

    /** Memory for the features of a picture, which the caller frees. */
    StageBuffer allocate() {
        return new StageBuffer(model.backend(), model.config());
    }

    /**
     * Gets a picture's features.
     *
     * @param key names the picture and the way it is changed, or null where it is changed by chance
     * @param picture asked for only if the features are not kept
     */
    void load(String key, Supplier<Picture> picture, StageBuffer destination) {
        if (key != null && cache.read(key, values)) {
            model.backend().upload(values, 0, destination.values());
            return;
        }
        encoder.encodeStages(picture.get(), features -> copy(features, destination.features()));
        encoded++;
        if (key != null) {
            model.backend().download(destination.values(), values, 0);
            cache.write(key, values);
        }
    }

    /** Pictures that have been encoded, not found in the cache. */
    long encoded() {
        return encoded;
    }

    private void copy(StageFeatures from, StageFeatures to) {
        ops.copy(from.embedding(), to.embedding());
        ops.copy(from.stage0(), to.stage0());
        ops.copy(from.stage1(), to.stage1());
    }

    @Override
    public void close() {
        encoder.close();
        ops.close();
    }
}
