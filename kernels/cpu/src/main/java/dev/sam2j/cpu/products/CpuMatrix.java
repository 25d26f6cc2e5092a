package dev.sam2j.cpu.products;

import dev.sam2j.cpu.CpuProducts;
import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.PackedMatrix;

/**
 * A weight matrix in panels on the Java heap: as {@link CpuProducts} multiplies it, and in float32 for the operations
 * that are written for that, packed again when the first of them asks for it where this is not the same.
 */
public final class CpuMatrix implements PackedMatrix {
    private PackedWeights weights;
    private Lazy<PackedWeights> floats;
    private final int out;
    private final int in;

    /** The matrix {@code weights}, and the same in float32. */
    public CpuMatrix(PackedWeights weights, Lazy<PackedWeights> floats) {
        this.weights = weights;
        this.floats = floats;
        this.out = weights.out();
        this.in = weights.in();
    }

    /** The matrix for {@link CpuProducts}. */
    public static PackedWeights weights(PackedMatrix matrix) {
        return ((CpuMatrix) matrix).weights;
    }

    /** The matrix in float32. */
    public static PackedWeights floats(PackedMatrix matrix) {
        return ((CpuMatrix) matrix).floats.get();
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
        weights = null;
        floats = null;
    }
}
