package dev.sam2j.predictors;

import dev.sam2j.hiera.ImageFeatures;
import dev.sam2j.hiera.LayerObserver;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;

/**
 * What a model has seen in a picture; prompts are answered from it without looking at the picture again. Holds about 17 MB for the
 * released models until closed. Any predictor of the same model may use it, also several at once.
 */
public final class ImageEmbedding implements AutoCloseable {
    private final Storage storage;
    private final ImageFeatures features;
    private final int width;
    private final int height;

    /** An embedding with uninitialised features of a model with the given picture side and channels. */
    ImageEmbedding(Backend backend, int imageSize, int channels, int width, int height) {
        Shape[] shapes = {
            Shape.of(1, imageSize / 16, imageSize / 16, channels),
            Shape.of(1, imageSize / 4, imageSize / 4, channels / 8),
            Shape.of(1, imageSize / 8, imageSize / 8, channels / 4)
        };
        long elements = 0;
        for (Shape shape : shapes) {
            elements += shape.elements();
        }
        this.storage = backend.allocate(DType.F32, elements);
        Tensor embedding = Tensor.of(storage, 0, shapes[0]);
        Tensor highRes0 = Tensor.of(storage, shapes[0].elements(), shapes[1]);
        Tensor highRes1 = Tensor.of(storage, shapes[0].elements() + shapes[1].elements(), shapes[2]);
        this.features = new ImageFeatures(embedding, highRes0, highRes1);
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

    /** The features; the embedding includes the no-memory embedding. */
    ImageFeatures features() {
        return features;
    }

    /** Shows the features, channels last, under the names {@code image_embed}, {@code high_res_feats.0} and {@code high_res_feats.1}. */
    public void forEach(LayerObserver observer) {
        observer.layer("image_embed", features.embedding());
        observer.layer("high_res_feats.0", features.highRes0());
        observer.layer("high_res_feats.1", features.highRes1());
    }

    /** Frees the features. */
    @Override
    public void close() {
        storage.close();
    }
}
