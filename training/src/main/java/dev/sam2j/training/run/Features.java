package dev.sam2j.training.run;

import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.hiera.StageBuffer;
import dev.sam2j.hiera.StageFeatures;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.model.PictureEncoder;
import dev.sam2j.tensor.Ops;
import dev.sam2j.training.TrainingException;
import dev.sam2j.training.data.TrainingItem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Features of pictures by an encoder that is not trained, from the cache where it has them. */
final class Features implements AutoCloseable {
    private final LoadedModel model;
    private final FeatureCache cache;
    private final Ops ops;
    private final PictureEncoder encoder;
    private final float[] values;
    private long encodedNanos;
    private long fastestNanos = Long.MAX_VALUE;

    /**
     * With the encoder of a model.
     *
     * @param cache of this model's features
     */
    Features(LoadedModel model, FeatureCache cache) {
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

    /** Whether a picture's pixels are needed to get its features. */
    boolean needsPicture(TrainingItem item) {
        String key = key(item);
        return key == null || !cache.contains(key);
    }

    /** Gets a picture's features. */
    void load(TrainingItem item, StageBuffer destination) {
        String key = key(item);
        if (key != null && cache.read(key, values)) {
            model.backend().upload(values, 0, destination.values());
            return;
        }
        Picture picture = item.picture();
        long start = System.nanoTime();
        encoder.encodeStages(picture, features -> copy(features, destination.features()));
        long took = System.nanoTime() - start;
        encodedNanos += took;
        fastestNanos = Math.min(fastestNanos, took);
        if (key != null) {
            model.backend().download(destination.values(), values, 0);
            cache.write(key, values);
        }
    }

    /** Names a picture's content and view; null where the view was drawn from endlessly many. */
    private static String key(TrainingItem item) {
        int mirrored = item.view().mirrored();
        if (mirrored < 0) {
            return null;
        }
        Path file = item.sample().file();
        ReadOptions options = item.sample().options();
        try {
            return file.toAbsolutePath() + " " + Files.size(file) + " " + Files.getLastModifiedTime(file) + " "
                    + options.applyOrientation() + options.page() + options.channels() + options.window() + mirrored;
        } catch (IOException e) {
            throw new TrainingException(file + " cannot be read any more: " + AtomicFiles.reason(e), e);
        }
    }

    /** Seconds that the fastest picture took to encode; 0 if all were kept. */
    double fastestSeconds() {
        return fastestNanos == Long.MAX_VALUE ? 0 : fastestNanos / 1e9;
    }

    /** Seconds that pictures have taken to encode, without reading them. */
    double encodedSeconds() {
        return encodedNanos / 1e9;
    }

    /** Pictures that can still be kept. */
    long room() {
        return cache.places() - cache.size();
    }

    /** Pictures that are kept. */
    int kept() {
        return cache.size();
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
