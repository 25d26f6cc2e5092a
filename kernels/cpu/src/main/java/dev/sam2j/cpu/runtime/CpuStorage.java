package dev.sam2j.cpu.runtime;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;

/** A block of float32 values on the Java heap. */
public final class CpuStorage implements Storage {
    private float[] data;

    /** Zeros. */
    public CpuStorage(int elements) {
        data = new float[elements];
    }

    /**
     * The rows of a tensor as kernels take them.
     *
     * @throws IllegalStateException if the storage has been closed
     */
    public static Rows rows(Tensor tensor) {
        float[] data = ((CpuStorage) tensor.storage()).data;
        if (data == null) {
            throw new IllegalStateException("cpu: the memory of a tensor " + tensor.shape() + " has been freed");
        }
        return new Rows(data, (int) tensor.offset(), tensor.rowStride());
    }

    @Override
    public DType dtype() {
        return DType.F32;
    }

    @Override
    public long elements() {
        return data == null ? 0 : data.length;
    }

    @Override
    public void close() {
        data = null;
    }
}
