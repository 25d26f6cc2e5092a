package dev.sam2j.cpu.decoder;

import dev.sam2j.cpu.math.Exp2;
import dev.sam2j.cpu.math.ScalarMath;
import dev.sam2j.cpu.rows.RowKernels;

/** {@link TokenLoops} in plain Java. */
public final class ScalarTokenLoops implements TokenLoops {
    private static final RowKernels ROWS = new RowKernels();

    @Override
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

    @Override
    public void scaleColumns(float[] x, int at, int rows, int width, float[] factors, int atFactors) {
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < width; c++) {
                x[at + r * width + c] *= factors[atFactors + c];
            }
        }
    }

    @Override
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

    @Override
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

    @Override
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

    @Override
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
