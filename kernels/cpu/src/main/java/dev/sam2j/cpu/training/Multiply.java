package dev.sam2j.cpu.training;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.tensor.Tensor;

/** {@code c += a b}. */
final class Multiply {
    private Multiply() {}

    static void run(Tensor a, Tensor b, Tensor c, CpuKernels kernels, Parallel parallel) {
        new ProductSum(
                        rows(a),
                        true,
                        rows(b),
                        b.rows(),
                        rows(c),
                        a.rows(),
                        b.cols(),
                        kernels.floatAttention(),
                        kernels.rows(),
                        parallel)
                .run();
    }
}
