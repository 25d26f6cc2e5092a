package dev.sam2j.cpu.training;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.rows.RowKernels;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Tensor;
import java.util.Arrays;

/**
 * The adjoint of layer normalisation. With the normalised row u = (x - mean) factor and g = dY gamma it is
 * {@code dX += factor (g - mean(g) - u mean(g u))}, {@code dGamma += sum(dY u)}, {@code dBeta += sum(dY)}; mean and
 * factor are computed again. Sums over rows are those of blocks of a fixed size, joined in order in float64.
 */
final class LayerNormBackward {
    private static final int BLOCK_ROWS = 256;
    private static final int SLOT_SUMS = 0;
    private static final int SLOT_ROW = 1;

    private final RowKernels rowLoops;
    private final BackwardLoops loops;
    private final Rows x;
    private final Rows gamma;
    private final float eps;
    private final Rows dY;
    /** Or null. */
    private final Rows dX;

    private final int n;

    private LayerNormBackward(
            Tensor x, Tensor gamma, float eps, Tensor dY, Tensor dX, RowKernels rowLoops, BackwardLoops loops) {
        this.rowLoops = rowLoops;
        this.loops = loops;
        this.x = rows(x);
        this.gamma = rows(gamma);
        this.eps = eps;
        this.dY = rows(dY);
        this.dX = dX == null ? null : rows(dX);
        this.n = x.cols();
    }

    /** Adds the gradients: dX may be null, dGamma and dBeta may be. */
    static void run(
            Tensor x,
            Tensor gamma,
            float eps,
            Tensor dY,
            Tensor dX,
            Tensor dGamma,
            Tensor dBeta,
            RowKernels rowLoops,
            BackwardLoops loops,
            Parallel parallel) {
        LayerNormBackward norm = new LayerNormBackward(x, gamma, eps, dY, dX, rowLoops, loops);
        int blocks = (x.rows() + BLOCK_ROWS - 1) / BLOCK_ROWS;
        int size = 2 * x.cols();
        parallel.forEach(1, (one, caller) -> {
            float[] sums = dGamma == null ? null : caller.floats(SLOT_SUMS, blocks * size);
            parallel.forRange(
                    x.rows(),
                    BLOCK_ROWS,
                    (from, to, scratch) ->
                            norm.block(from, to, sums, from / BLOCK_ROWS * size, scratch.floats(SLOT_ROW, 2)));
            if (dGamma != null) {
                join(sums, blocks, size, 0, rows(dGamma), x.cols());
                join(sums, blocks, size, x.cols(), rows(dBeta), x.cols());
            }
        });
    }

    private static void join(float[] sums, int blocks, int size, int first, Rows to, int n) {
        for (int i = 0; i < n; i++) {
            double sum = 0;
            for (int block = 0; block < blocks; block++) {
                sum += sums[block * size + first + i];
            }
            to.data()[to.offset() + i] += (float) sum;
        }
    }

    /**
     * Some rows.
     *
     * @param sums receives those of dGamma, then those of dBeta, or null
     * @param rowSums room for two values
     */
    private void block(int from, int to, float[] sums, int atSums, float[] rowSums) {
        if (sums != null) {
            Arrays.fill(sums, atSums, atSums + 2 * n, 0);
        }
        for (int row = from; row < to; row++) {
            int at = x.at(row);
            int atDY = dY.at(row);
            float mean = rowLoops.sum(x.data(), at, n) / n;
            float variance = rowLoops.squaredDeviations(x.data(), at, mean, n) / n;
            float factor = (float) (1 / Math.sqrt(variance + eps));
            if (sums != null) {
                loops.normParameters(x.data(), at, mean, factor, dY.data(), atDY, n, sums, atSums);
            }
            if (dX != null) {
                loops.normSums(x.data(), at, mean, gamma.data(), gamma.offset(), dY.data(), atDY, n, rowSums);
                float shift = factor * rowSums[0] / n;
                float slope = factor * factor * factor * rowSums[1] / n;
                loops.normInput(
                        x.data(),
                        at,
                        mean,
                        gamma.data(),
                        gamma.offset(),
                        dY.data(),
                        atDY,
                        factor,
                        shift,
                        slope,
                        dX.data(),
                        dX.at(row),
                        n);
            }
        }
    }
}
