package dev.sam2j.tensor.reference;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;

/** Plain float32 memory of {@link ReferenceBackend}. */
final class ArrayStorage implements Storage {
    private final float[] data;

    ArrayStorage(int elements) {
        data = new float[elements];
    }

    @Override
    public DType dtype() {
        return DType.F32;
    }

    @Override
    public long elements() {
        return data.length;
    }

    @Override
    public void close() {}

    static float get(Tensor tensor, int row, int col) {
        return ((ArrayStorage) tensor.storage()).data[index(tensor, row, col)];
    }

    static void set(Tensor tensor, int row, int col, double value) {
        ((ArrayStorage) tensor.storage()).data[index(tensor, row, col)] = (float) value;
    }

    private static int index(Tensor tensor, int row, int col) {
        return Math.toIntExact(tensor.offset() + (long) row * tensor.rowStride() + col);
    }
}
