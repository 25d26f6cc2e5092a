package dev.sam2j.hiera;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;

/** Memory for the {@link StageFeatures} of one picture that outlives the frame of a workspace, in float32. */
public final class StageBuffer implements AutoCloseable {
    private final Storage storage;
    private final StageFeatures features;
    private final int elements;

    /** Uninitialised features of a model with the given configuration. */
    public StageBuffer(Backend backend, Sam2Config config) {
        int size = config.imageSize();
        int width = config.imageEncoder().trunk().embedDim();
        Shape embedding = Shape.of(1, size / 16, size / 16, config.hiddenDim());
        Shape stage0 = Shape.of(1, size / 4, size / 4, width);
        Shape stage1 = Shape.of(1, size / 8, size / 8, 2 * width);
        this.elements = Math.toIntExact(embedding.elements() + stage0.elements() + stage1.elements());
        this.storage = backend.allocate(DType.F32, elements);
        this.features = new StageFeatures(
                Tensor.of(storage, 0, embedding),
                Tensor.of(storage, embedding.elements(), stage0),
                Tensor.of(storage, embedding.elements() + stage0.elements(), stage1));
    }

    /** The features. */
    public StageFeatures features() {
        return features;
    }

    /** All their values in one row, to store them elsewhere. */
    public Tensor values() {
        return Tensor.of(storage, 0, Shape.of(1, elements));
    }

    @Override
    public void close() {
        storage.close();
    }
}
