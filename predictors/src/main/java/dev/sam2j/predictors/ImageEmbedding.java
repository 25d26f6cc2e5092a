package dev.sam2j.predictors;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.hiera.FeatureBuffer;
import dev.sam2j.hiera.ImageFeatures;
import dev.sam2j.hiera.LayerObserver;
import dev.sam2j.tensor.Backend;

/**
 * What a model has seen in a picture; prompts are answered from it without looking at the picture again. Holds about 17
 * MB for the released models until closed. Any predictor of the same model may use it, also several at once.
 */
public final class ImageEmbedding implements AutoCloseable {
    private final FeatureBuffer buffer;
    private final int width;
    private final int height;

    /** An embedding with uninitialised features. */
    ImageEmbedding(Backend backend, Sam2Config config, int width, int height) {
        this.buffer = new FeatureBuffer(backend, config);
        this.width = width;
        this.height = height;
    }

    /** Width of the picture in pixels. */
    public int width() {
        return width;
    }

    /** Height of the picture in pixels. */
    public int height() {
        return height;
    }

    /** The features, whose embedding includes the no-memory embedding; they are valid until this is closed. */
    public ImageFeatures features() {
        return buffer.features();
    }

    /**
     * Shows the features, channels last, under the names {@code image_embed}, {@code high_res_feats.0} and
     * {@code high_res_feats.1}.
     */
    public void forEach(LayerObserver observer) {
        observer.layer("image_embed", features().embedding());
        observer.layer("high_res_feats.0", features().highRes0());
        observer.layer("high_res_feats.1", features().highRes1());
    }

    /** Frees the features. */
    @Override
    public void close() {
        buffer.close();
    }
}
