package dev.sam2j.cpu.rows;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Tensor;

/** Normalisation of rows to mean 0 and variance 1, then a scale and a shift per column. */
public final class LayerNorm {
    private static final int GRAIN = 1 << 14;

    private LayerNorm() {}

    /**
     * {@code activation((x - mean) / sqrt(var + eps) * gamma + beta)} for each row, with the biased variance in two
     * passes.
     */
    public static void run(
            Tensor x,
            Tensor gamma,
            Tensor beta,
            float eps,
            Activation activation,
            Tensor out,
            RowKernels loops,
            Parallel parallel) {
        Rows from = rows(x);
        Rows to = rows(out);
        Rows scale = rows(gamma);
        Rows shift = rows(beta);
        int n = x.cols();
        parallel.forRange(x.rows(), Math.max(1, GRAIN / n), (first, end, scratch) -> {
            for (int r = first; r < end; r++) {
                row(loops, from.data(), from.at(r), scale, shift, eps, to.data(), to.at(r), n);
                if (activation != Activation.NONE) {
                    loops.activate(activation, to.data(), to.at(r), to.data(), to.at(r), n);
                }
            }
        });
    }

    private static void row(
            RowKernels loops, float[] x, int at, Rows gamma, Rows beta, float eps, float[] out, int atOut, int n) {
        float mean = loops.sum(x, at, n) / n;
        float variance = loops.squaredDeviations(x, at, mean, n) / n;
        float factor = (float) (1 / Math.sqrt(variance + eps));
        loops.normalize(x, at, mean, factor, gamma.data(), gamma.offset(), beta.data(), beta.offset(), out, atOut, n);
    }
}
