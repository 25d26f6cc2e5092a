package dev.sam2j.predictors.model;

import dev.sam2j.common.Lifecycle;
import dev.sam2j.hiera.FeatureBuffer;
import dev.sam2j.hiera.ImageFeatures;
import dev.sam2j.predictors.ImageEmbedding;
import java.nio.file.Path;
import java.util.function.Consumer;

/** The features of a picture. */
public final class EncodedPicture implements ImageEmbedding {
    private final LoadedModel model;
    private final Consumer<FeatureBuffer> release;
    private final int width;
    private final int height;
    private final FeatureBuffer buffer;
    private final Lifecycle lifecycle;

    /** Uninitialised features of a picture in memory that {@code release} gets when this is closed. */
    EncodedPicture(LoadedModel model, FeatureBuffer buffer, Consumer<FeatureBuffer> release, int width, int height) {
        this.model = model;
        this.buffer = buffer;
        this.release = release;
        this.width = width;
        this.height = height;
        this.lifecycle = Lifecycle.shared("the image embedding", model.lifecycle());
    }

    /** Whether this is open: who reads the features uses it, so that they stay meanwhile. */
    public Lifecycle lifecycle() {
        return lifecycle;
    }

    /** The model that made it. */
    public LoadedModel model() {
        return model;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public int height() {
        return height;
    }

    /**
     * The features, whose embedding includes the no-memory embedding; they are valid until this is closed.
     *
     * @throws IllegalStateException if it or the model has been closed
     */
    public ImageFeatures features() {
        try (Lifecycle.Use use = lifecycle.use()) {
            return buffer.features();
        }
    }

    @Override
    public void write(Path file) {
        try (Lifecycle.Use use = lifecycle.use()) {
            EmbeddingFile.write(file, this);
        }
    }

    @Override
    public void close() {
        if (lifecycle.close()) {
            release.accept(buffer);
        }
    }
}
