package dev.sam2j.predictors.model;

import dev.sam2j.hiera.ImageFeatures;
import dev.sam2j.hiera.StageFeatures;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.ResizeFilter;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import java.util.function.Consumer;

/** Encodes single pictures. One thread at a time may use it; the caller keeps owning the operations. */
public final class PictureEncoder implements AutoCloseable {
    private final LoadedModel model;
    private final Ops ops;
    private final FeaturePool pool;

    /** An encoder that computes with the caller's operations. */
    public PictureEncoder(LoadedModel model, Ops ops) {
        this.model = model;
        this.ops = ops;
        this.pool = new FeaturePool(model);
    }

    /** Encodes a picture; the caller closes it. */
    public EncodedPicture encode(Picture picture) {
        return made(picture.width(), picture.height(), features -> {
            ops.workspace().reserve(model.imageEncoder().workspace(1));
            Tensor input = input(picture);
            model.observer().layer("preprocessed", input);
            model.imageEncoder().forward(ops, input, features, model.observer());
        });
    }

    /**
     * Encodes a picture for training.
     *
     * @param use sees the features while they are valid
     */
    public void encodeStages(Picture picture, Consumer<StageFeatures> use) {
        try (Workspace.Frame frame = ops.frame()) {
            use.accept(model.imageEncoder().stages(ops, input(picture)));
        }
    }

    /** Completes what {@link #encodeStages} made of a picture of this size; the caller closes it. */
    public EncodedPicture encode(StageFeatures stages, int width, int height) {
        return made(width, height, features -> model.imageEncoder().finish(ops, stages, features));
    }

    private Tensor input(Picture picture) {
        return Normalization.apply(
                ops, picture, ResizeFilter.BILINEAR_FLOAT, model.config().imageSize());
    }

    private EncodedPicture made(int width, int height, Consumer<ImageFeatures> make) {
        EncodedPicture encoded = new EncodedPicture(model, pool.take(), pool::give, width, height);
        try (Workspace.Frame frame = ops.frame()) {
            ImageFeatures features = encoded.features();
            make.accept(features);
            ops.add(features.embedding(), 1, model.noMemory(), 1, features.embedding());
            model.observer().layer("image_embed", features.embedding());
            model.observer().layer("high_res_feats.0", features.highRes0());
            model.observer().layer("high_res_feats.1", features.highRes1());
        } catch (RuntimeException | Error e) {
            encoded.close();
            throw e;
        }
        return encoded;
    }

    /** Frees memory that is not in use. */
    @Override
    public void close() {
        pool.close();
    }
}
