package dev.sam2j.cpu.decoder;

import dev.sam2j.cpu.math.Exp2;
import dev.sam2j.cpu.math.ScalarMath;
import dev.sam2j.cpu.products.GemmKernel;
import dev.sam2j.cpu.rows.RowKernels;
import dev.sam2j.tensor.Activation;

/**
 * Innermost loops of the operations between tokens and image ({@link CpuAttendImage}, {@link CpuAttendTokens},
 * {@link CpuDrawMasks}), here in plain Java, in {@link VectorTokenLoops} on the Vector API. Widths are multiples of
 * {@link GemmKernel#panelWidth}.
 */
public class TokenLoops {
    private static final RowKernels ROWS = new RowKernels();

    /**
     * One step of an online softmax down the columns of a panel, in powers of 2: replaces each score {@code s} by
     * {@code 2^(s - max)} for the largest score of its column so far.
     *
     * @param scores rows of {@code width} values without gaps
     * @param state {@code width} largest scores so far, then as many sums of powers, then as many factors: the call
     *     updates the first two and sets the factors that earlier powers have to be multiplied by
     * @return whether any factor is not 1
     */
    public boolean softmaxColumns(float[] scores, int at, int rows, int width, float[] state, int atState) {
        boolean scaled = false;
        for (int c = 0; c < width; c++) {
            float old = state[atState + c];
            float max = old;
            for (int r = 0; r < rows; r++) {
                max = Math.max(max, scores[at + r * width + c]);
            }
            float sum = 0;
            for (int r = 0; r < rows; r++) {
                int i = at + r * width + c;
                scores[i] = Exp2.of(scores[i] - max);
                sum += scores[i];
            }
            float factor = Exp2.of(old - max);
            state[atState + c] = max;
            state[atState + width + c] = state[atState + width + c] * factor + sum;
            state[atState + 2 * width + c] = factor;
            scaled |= factor != 1;
        }
        return scaled;
    }

    /** Multiplies each of {@code rows} rows of {@code width} values by the row of factors. */
    public void scaleColumns(float[] x, int at, int rows, int width, float[] factors, int atFactors) {
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < width; c++) {
                x[at + r * width + c] *= factors[atFactors + c];
            }
        }
    }

    /**
     * Softmax of rows of scores within each head, in powers of 2: values of a row whose indices are equal modulo
     * {@code heads} belong together. {@code n} is a multiple of the vector length and of {@code heads}, a power of 2.
     *
     * @param scores {@code rows} rows of {@code n} values, {@code stride} apart
     * @param bias {@code n} values that are added to the scores of each row first
     */
    public void softmaxHeads(float[] scores, int at, int stride, int rows, float[] bias, int atBias, int n, int heads) {
        for (int r = 0; r < rows; r++) {
            softmaxHeads(scores, at + r * stride, bias, atBias, n, heads);
        }
    }

    private static void softmaxHeads(float[] scores, int at, float[] bias, int atBias, int n, int heads) {
        for (int h = 0; h < heads; h++) {
            float max = Float.NEGATIVE_INFINITY;
            for (int i = h; i < n; i += heads) {
                scores[at + i] += bias[atBias + i];
                max = Math.max(max, scores[at + i]);
            }
            float sum = 0;
            for (int i = h; i < n; i += heads) {
                scores[at + i] = Exp2.of(scores[at + i] - max);
                sum += scores[at + i];
            }
            float factor = 1 / sum;
            for (int i = h; i < n; i += heads) {
                scores[at + i] *= factor;
            }
        }
    }

    /**
     * Layer norm of a row that is the sum of two: {@code out = (x + y - mean) / sqrt(var + eps) * gamma + beta}, the
     * variance in a second pass. x becomes the sum.
     */
    public void addAndNormalize(
            float[] x,
            int atX,
            float[] y,
            int atY,
            float[] gamma,
            int atGamma,
            float[] beta,
            int atBeta,
            float eps,
            float[] out,
            int atOut,
            int n) {
        ROWS.combine(1, x, atX, 1, y, atY, x, atX, n);
        float mean = ROWS.sum(x, atX, n) / n;
        float variance = ROWS.squaredDeviations(x, atX, mean, n) / n;
        float factor = (float) (1 / Math.sqrt(variance + eps));
        ROWS.normalize(x, atX, mean, factor, gamma, atGamma, beta, atBeta, out, atOut, n);
    }

    /**
     * Layer norm down each column of {@code rows} rows of {@code width} values, then {@link Activation#GELU};
     * the two rows behind them become undefined.
     *
     * @param gamma one factor per row
     * @param beta one addend per row
     */
    public void normGeluColumns(
            float[] x, int at, int rows, int width, float[] gamma, int atGamma, float[] beta, int atBeta, float eps) {
        for (int c = 0; c < width; c++) {
            float mean = 0;
            for (int r = 0; r < rows; r++) {
                mean += x[at + r * width + c];
            }
            mean /= rows;
            float variance = 0;
            for (int r = 0; r < rows; r++) {
                float deviation = x[at + r * width + c] - mean;
                variance += deviation * deviation;
            }
            float factor = 1 / (float) Math.sqrt(variance / rows + eps);
            for (int r = 0; r < rows; r++) {
                int i = at + r * width + c;
                x[i] = ScalarMath.gelu((x[i] - mean) * factor * gamma[atGamma + r] + beta[atBeta + r]);
            }
        }
    }

    /**
     * {@code out[c] = sum over rows r of filter[r] * gelu(x[r][c])} for each of {@code width} columns and each of
     * {@code filters} filters of {@code rows} values; x is overwritten.
     *
     * @param stride distance between filters
     * @param out filters rows of {@code width} values, {@code outStride} apart
     */
    public void filterGelu(
            float[] x,
            int at,
            int rows,
            int width,
            float[] filter,
            int atFilter,
            int stride,
            int filters,
            float[] out,
            int atOut,
            int outStride) {
        for (int i = at; i < at + rows * width; i++) {
            x[i] = ScalarMath.gelu(x[i]);
        }
        for (int f = 0; f < filters; f++) {
            for (int c = 0; c < width; c++) {
                float sum = 0;
                for (int r = 0; r < rows; r++) {
                    sum += filter[atFilter + f * stride + r] * x[at + r * width + c];
                }
                out[atOut + f * outStride + c] = sum;
            }
        }
    }
}
