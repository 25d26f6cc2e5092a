package dev.sam2j.cpu.products;

import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.PackedMatrix;

/**
 * A weight matrix in panels on the Java heap: as {@link Gemm} multiplies it, and in float32 for the operations
 * that are written for that, packed again when the first of them asks for it where this is not the same.
 */
public final class CpuMatrix implements PackedMatrix {
    private PackedWeights weights;
    private Lazy<PackedWeights> floats;
    private final boolean forTraining;
    private final int out;
    private final int in;

    private CpuMatrix(PackedWeights weights, Lazy<PackedWeights> floats, boolean forTraining) {
        this.weights = weights;
        this.floats = floats;
        this.forTraining = forTraining;
        this.out = weights.out();
        this.in = weights.in();
    }

    /**
     * Packs a row-major matrix.
     *
     * @param kernel multiplies by it
     * @param floatKernel multiplies by it in float32; may be the same
     */
    public static CpuMatrix pack(
            float[] matrix, int out, int in, ProductKernel kernel, GemmKernel floatKernel, Parallel parallel) {
        if (out < 1 || in < 1 || matrix.length < (long) out * in) {
            throw new IllegalArgumentException(
                    "pack: expected a matrix of " + out + " x " + in + ", got " + matrix.length + " values");
        }
        PackedWeights packed = PackedWeights.pack(kernel, matrix, out, in, parallel);
        boolean same = kernel.valuesPerWord() == 1;
        return new CpuMatrix(
                packed, new Lazy<>(() -> same ? packed : packed.repacked(kernel, floatKernel, parallel)), false);
    }

    /**
     * Packs a matrix that lies on the backend, or its transpose, in float32, also where the backend has another kernel.
     *
     * @param rows of the matrix, as it lies there
     * @param columns of it
     */
    public static CpuMatrix forTraining(
            Rows matrix, int rows, int columns, boolean transposed, GemmKernel kernel, Parallel parallel) {
        PackedWeights packed = transposed
                ? PackedWeights.packTransposed(kernel, matrix, columns, rows, parallel)
                : PackedWeights.pack(kernel, matrix, rows, columns, parallel);
        return new CpuMatrix(packed, new Lazy<>(() -> packed), true);
    }

    /** Whether a matrix is to be multiplied in float32. */
    public static boolean isForTraining(PackedMatrix matrix) {
        return ((CpuMatrix) matrix).forTraining;
    }

    /** The matrix for {@link Gemm}. */
    static PackedWeights weights(PackedMatrix matrix) {
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
