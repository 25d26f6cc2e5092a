package dev.sam2j.benchmarks;

import dev.sam2j.cpu.Bf16Kernels;
import dev.sam2j.cpu.CpuKernels;

/** The kernels of the CPU by the number format of their factors. */
final class BenchmarkKernels {
    private BenchmarkKernels() {}

    /** The fastest for {@code fp32} or {@code bf16}. */
    static CpuKernels of(String precision) {
        return switch (precision) {
            case "fp32" -> CpuKernels.choose();
            case "bf16" -> Bf16Kernels.choose();
            default -> throw new IllegalArgumentException("precision: expected fp32 or bf16, got " + precision);
        };
    }
}
