package dev.sam2j.cuda.device;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.PackedMatrix;

/** A weight matrix, row-major, rows padded with zeros to multiples of 16 bytes. */
public final class CudaMatrix implements PackedMatrix {
    private final CudaStorage storage;
    private final int out;
    private final int in;

    /** A matrix in memory that it closes. */
    public CudaMatrix(CudaStorage storage, int out, int in) {
        this.storage = storage;
        this.out = out;
        this.in = in;
    }

    /** Its memory. */
    public CudaStorage storage() {
        return storage;
    }

    /** Length of a row with its padding. */
    public static int stride(int in, DType type) {
        int unit = 16 / type.bytes();
        return (in + unit - 1) / unit * unit;
    }

    @Override
    public int out() {
        return out;
    }

    @Override
    public int in() {
        return in;
    }

    @Override
    public void close() {
        storage.close();
    }
}
