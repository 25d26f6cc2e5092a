package dev.sam2j.cpu.decoder;

import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.products.Gemm;
import dev.sam2j.cpu.products.PackedWeights;
import dev.sam2j.cpu.rows.RowKernels;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Epilogue;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Rows of an image that many prompts share, with what layers make of them: each result is computed when it is first
 * asked for and kept. Products come as {@link PackedWeights} of (positions, columns), so that positions lie side by
 * side in the panels.
 */
final class SharedRows {
    private final Rows x;
    private final int positions;
    private final int channels;
    private final CpuKernels kernels;
    private final Parallel parallel;
    private final Map<Object, Object> made = new HashMap<>();

    /** Rows (positions, channels), which must not change as long as this is used. */
    SharedRows(Rows x, int positions, int channels, CpuKernels kernels, Parallel parallel) {
        this.x = x;
        this.positions = positions;
        this.channels = channels;
        this.kernels = kernels;
        this.parallel = parallel;
    }

    int positions() {
        return positions;
    }

    int channels() {
        return channels;
    }

    /** {@code x Wᵀ}, (positions, out). */
    PackedWeights project(PackedWeights w) {
        return once(List.of("project", w), () -> product(w));
    }

    /** {@code x + y}. */
    SharedRows plus(SharedRows y) {
        return once(List.of("plus", y), () -> {
            float[] sum = new float[positions * channels];
            RowKernels loops = kernels.rows();
            parallel.forRange(positions, Gemm.BLOCK_ROWS, (from, to, scratch) -> {
                for (int n = from; n < to; n++) {
                    loops.combine(1, x.data(), x.at(n), 1, y.x.data(), y.x.at(n), sum, n * channels, channels);
                }
            });
            return with(sum);
        });
    }

    /** {@code gamma (x - mean)}: what a layer norm makes of these rows before it divides and adds. */
    SharedRows centred(Rows gamma) {
        return once(List.of("centred", gamma.data(), gamma.offset()), () -> {
            float[] result = new float[positions * channels];
            float[] zeros = new float[channels];
            RowKernels loops = kernels.rows();
            parallel.forRange(positions, Gemm.BLOCK_ROWS, (from, to, scratch) -> {
                for (int n = from; n < to; n++) {
                    float mean = loops.sum(x.data(), x.at(n), channels) / channels;
                    float[] g = gamma.data();
                    int at = n * channels;
                    loops.normalize(x.data(), x.at(n), mean, 1, g, gamma.offset(), zeros, 0, result, at, channels);
                }
            });
            return with(result);
        });
    }

    /** {@code |x - mean|²} of each row. */
    float[] squares() {
        return once("squares", () -> {
            float[] result = new float[positions];
            RowKernels loops = kernels.rows();
            parallel.forRange(positions, Gemm.BLOCK_ROWS, (from, to, scratch) -> {
                for (int n = from; n < to; n++) {
                    float mean = loops.sum(x.data(), x.at(n), channels) / channels;
                    result[n] = loops.squaredDeviations(x.data(), x.at(n), mean, channels);
                }
            });
            return result;
        });
    }

    /**
     * Dot products of the rows with what an output projection (channels, inner) makes of each inner column, centred,
     * and, in one more column, with {@code addend}: (positions, inner + 1).
     *
     * @param gamma null, or factors that come after the centring and before another
     */
    PackedWeights alongOutputs(PackedWeights output, float[] addend, Rows gamma) {
        return once(List.of("outputs", output, gamma != null), () -> {
            int inner = output.in();
            float[] columns = new float[(inner + 1) * channels];
            for (int k = 0; k <= inner; k++) {
                int to = k * channels;
                for (int c = 0; c < channels; c++) {
                    int width = output.panelWidth();
                    columns[to + c] = k == inner ? addend[c] : output.data()[output.position(c / width, k) + c % width];
                }
                centre(columns, to, channels);
                if (gamma != null) {
                    for (int c = 0; c < channels; c++) {
                        columns[to + c] *= gamma.data()[gamma.offset() + c];
                    }
                    centre(columns, to, channels);
                }
            }
            return product(PackedWeights.pack(kernels.gemm(), columns, inner + 1, channels, parallel));
        });
    }

    /** Subtracts the mean of {@code n} values. */
    static void centre(float[] x, int at, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += x[at + i];
        }
        float mean = (float) (sum / n);
        for (int i = 0; i < n; i++) {
            x[at + i] -= mean;
        }
    }

    private PackedWeights product(PackedWeights w) {
        float[] y = new float[positions * w.out()];
        new Gemm(kernels.gemm(), kernels.rows(), parallel).run(x, positions, w, Epilogue.NONE, new Rows(y, 0, w.out()));
        return PackedWeights.pack(kernels.gemm(), y, positions, w.out(), parallel);
    }

    private SharedRows with(float[] rows) {
        return new SharedRows(new Rows(rows, 0, channels), positions, channels, kernels, parallel);
    }

    @SuppressWarnings("unchecked") // each key has results of one class
    private synchronized <T> T once(Object key, Supplier<T> result) {
        Object found = made.get(key);
        if (found == null) {
            found = result.get();
            made.put(key, found);
        }
        return (T) found;
    }
}
