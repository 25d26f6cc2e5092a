package dev.sam2j.predictors;

import dev.sam2j.common.Lifecycle;
import dev.sam2j.hiera.FeatureBuffer;
import dev.sam2j.hiera.ImageFeatures;
import dev.sam2j.hiera.LayerObserver;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * What a model has seen in a picture; prompts are answered from it without looking at the picture again. Holds about 17
 * MB for the released models until closed. Any predictor of the same model may use it, also several at once; closing it
 * waits for the calls in progress, later ones fail with an {@link IllegalStateException}.
 */
public final class ImageEmbedding implements AutoCloseable {
    private final Sam2Model model;
    private final Consumer<FeatureBuffer> release;
    private final int width;
    private final int height;
    private final FeatureBuffer buffer;
    private final Lifecycle lifecycle;

    /** An embedding with uninitialised features. */
    ImageEmbedding(Sam2Model model, int width, int height) {
        this(model, new FeatureBuffer(model.backend(), model.config()), FeatureBuffer::close, width, height);
    }

    /** An embedding in memory that {@code release} gets when it is closed. */
    ImageEmbedding(Sam2Model model, FeatureBuffer buffer, Consumer<FeatureBuffer> release, int width, int height) {
        this.model = model;
        this.buffer = buffer;
        this.release = release;
        this.width = width;
        this.height = height;
        this.lifecycle = Lifecycle.shared("the image embedding", model.lifecycle());
    }

    /** Whether this is open: who reads the features uses it, so that they stay meanwhile. */
    Lifecycle lifecycle() {
        return lifecycle;
    }

    /** The model that made it. */
    Sam2Model model() {
        return model;
    }

    /** Width of the picture in pixels. */
    public int width() {
        return width;
    }

    /** Height of the picture in pixels. */
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

    /**
     * Shows the features, channels last, under the names {@code image_embed}, {@code high_res_feats.0} and
     * {@code high_res_feats.1}.
     */
    public void forEach(LayerObserver observer) {
        try (Lifecycle.Use use = lifecycle.use()) {
            observer.layer("image_embed", buffer.features().embedding());
            observer.layer("high_res_feats.0", buffer.features().highRes0());
            observer.layer("high_res_feats.1", buffer.features().highRes1());
        }
    }

    /**
     * Saves the embedding for {@link ImagePredictor#loadEmbedding}, in float32: answers from the copy are the same.
     *
     * @throws dev.sam2j.weights.CheckpointException if the file cannot be written
     */
    public void save(Path file) {
        try (Lifecycle.Use use = lifecycle.use()) {
            EmbeddingFile.write(file, model, this);
        }
    }

    /** Frees the features, once no call that reads them is in progress. Closing twice has no effect. */
    @Override
    public void close() {
        if (lifecycle.close()) {
            release.accept(buffer);
        }
    }
}
