package dev.sam2j.tensor.reference;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;

/** Plain memory of {@link ReferenceBackend}: float32 values, or float64 ones where adjoints are checked. */
final class ArrayStorage implements Storage {
    private final double[] data;
    private final boolean exact;

    /**
     * Zeros.
     *
     * @param exact whether values are kept in float64, which {@link #dtype} does not tell
     */
    ArrayStorage(int elements, boolean exact) {
        data = new double[elements];
        this.exact = exact;
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

    static double get(Tensor tensor, int row, int col) {
        return ((ArrayStorage) tensor.storage()).data[index(tensor, row, col)];
    }

    static void set(Tensor tensor, int row, int col, double value) {
        ArrayStorage storage = (ArrayStorage) tensor.storage();
        storage.data[index(tensor, row, col)] = storage.exact ? value : (float) value;
    }

    /** Adds to an element. */
    static void add(Tensor tensor, int row, int col, double value) {
        set(tensor, row, col, get(tensor, row, col) + value);
    }

    private static int index(Tensor tensor, int row, int col) {
        return Math.toIntExact(tensor.offset() + (long) row * tensor.rowStride() + col);
    }
}
