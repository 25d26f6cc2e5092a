package dev.sam2j.tensor.cpu;

import dev.sam2j.kernels.cpu.PackedWeights;
import dev.sam2j.tensor.PackedMatrix;

/** A weight matrix in panels on the Java heap. */
final class CpuMatrix implements PackedMatrix {
    private PackedWeights weights;
    private final int out;
    private final int in;

    CpuMatrix(PackedWeights weights) {
        this.weights = weights;
        this.out = weights.out();
        this.in = weights.in();
    }

    static PackedWeights weights(PackedMatrix matrix) {
        return ((CpuMatrix) matrix).weights;
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
    }
}
