package dev.sam2j.cpu.rows;

import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.math.Pointwise;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;

/** Normalisation of rows to mean 0 and variance 1, then a scale and a shift per column. */
public final class LayerNorm {
    private static final int GRAIN = 1 << 14;

    private LayerNorm() {}

    /**
     * {@code function((x - mean) / sqrt(var + eps) * gamma + beta)} for rows of {@code n} values, with the biased
     * variance in two passes. Gamma and beta are row 0 of theirs.
     */
    public static void run(
            Rows x,
            Rows gamma,
            Rows beta,
            float eps,
            Pointwise function,
            Rows out,
            int rows,
            int n,
            CpuKernels kernels,
            Parallel parallel) {
        RowKernels loops = kernels.rows();
        parallel.forRange(rows, Math.max(1, GRAIN / n), (from, to, scratch) -> {
            for (int r = from; r < to; r++) {
                row(loops, x.data(), x.at(r), gamma, beta, eps, out.data(), out.at(r), n);
                Elementwise.activate(kernels.gemm(), function, out.data(), out.at(r), n);
            }
        });
    }

    /** One row of {@link #run} without a function. */
    static void row(
            RowKernels loops, float[] x, int at, Rows gamma, Rows beta, float eps, float[] out, int atOut, int n) {
        float mean = loops.sum(x, at, n) / n;
        float variance = loops.squaredDeviations(x, at, mean, n) / n;
        float factor = (float) (1 / Math.sqrt(variance + eps));
        loops.normalize(x, at, mean, factor, gamma.data(), gamma.offset(), beta.data(), beta.offset(), out, atOut, n);
    }
}
