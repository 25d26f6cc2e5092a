package dev.sam2j.cpu.training;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.tensor.Tensor;

/** The gradient of a matrix of weights: {@code dW += dYᵀ x} over all rows. */
final class Outer {
    private Outer() {}

    static void run(Tensor dY, Tensor x, Tensor dW, CpuKernels kernels, Parallel parallel) {
        new ProductSum(
                        rows(dY),
                        false,
                        rows(x),
                        x.rows(),
                        rows(dW),
                        dY.cols(),
                        x.cols(),
                        kernels.floatAttention(),
                        kernels.rows(),
                        parallel)
                .run();
    }
}
