package dev.sam2j.hiera;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;

/** Memory for the features of one picture that outlives the frame of a workspace. */
public final class FeatureBuffer implements AutoCloseable {
    private final Storage storage;
    private final ImageFeatures features;

    /** Uninitialised features of a model with the given configuration. */
    public FeatureBuffer(Backend backend, Sam2Config config) {
        int size = config.imageSize();
        int channels = config.hiddenDim();
        Shape embedding = Shape.of(1, size / 16, size / 16, channels);
        Shape highRes0 = Shape.of(1, size / 4, size / 4, channels / 8);
        Shape highRes1 = Shape.of(1, size / 8, size / 8, channels / 4);
        long elements = embedding.elements() + highRes0.elements() + highRes1.elements();
        this.storage = backend.allocate(backend.info().activationType(), elements);
        this.features = new ImageFeatures(
                Tensor.of(storage, 0, embedding),
                Tensor.of(storage, embedding.elements(), highRes0),
                Tensor.of(storage, embedding.elements() + highRes0.elements(), highRes1));
    }

    /** The features. */
    public ImageFeatures features() {
        return features;
    }

    @Override
    public void close() {
        storage.close();
    }
}
