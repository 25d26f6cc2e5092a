package dev.sam2j.cpu.decoder;

import dev.sam2j.cpu.math.Lanes;
import dev.sam2j.cpu.math.VectorMath;
import dev.sam2j.cpu.rows.RowKernels;
import dev.sam2j.cpu.rows.VectorRowKernels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link TokenLoops} on the Vector API. */
public final class VectorTokenLoops extends TokenLoops {
    private static final VectorSpecies<Float> F = Lanes.SPECIES;
    private static final int L = Lanes.LENGTH;
    private static final RowKernels ROWS = new VectorRowKernels();

    private static FloatVector load(float[] x, int at) {
        return FloatVector.fromArray(F, x, at);
    }

    @Override
    public boolean softmaxColumns(float[] scores, int at, int rows, int width, float[] state, int atState) {
        boolean scaled = false;
        for (int c = 0; c < width; c += L) {
            softmaxVector(scores, at + c, rows, width, state, atState + c);
            for (int i = atState + 2 * width + c; i < atState + 2 * width + c + L; i++) {
                scaled |= state[i] != 1;
            }
        }
        return scaled;
    }

    /** One vector of columns. */
    private static void softmaxVector(float[] scores, int at, int rows, int width, float[] state, int atState) {
        FloatVector old = load(state, atState);
        FloatVector max = old;
        FloatVector max1 = old;
        int end = at + rows * width;
        int i = at;
        for (; i < end - width; i += 2 * width) {
            max = max.max(load(scores, i));
            max1 = max1.max(load(scores, i + width));
        }
        if (i < end) {
            max = max.max(load(scores, i));
        }
        max = max.max(max1);
        FloatVector sum = FloatVector.zero(F);
        for (i = at; i < end; i += width) {
            FloatVector power = VectorMath.power2(max.sub(load(scores, i)));
            power.intoArray(scores, i);
            sum = sum.add(power);
        }
        FloatVector factor = VectorMath.power2(max.sub(old));
        max.intoArray(state, atState);
        load(state, atState + width).fma(factor, sum).intoArray(state, atState + width);
        factor.intoArray(state, atState + 2 * width);
    }

    @Override
    public void scaleColumns(float[] x, int at, int rows, int width, float[] factors, int atFactors) {
        for (int c = 0; c < width; c += L) {
            FloatVector factor = load(factors, atFactors + c);
            int end = at + c + rows * width;
            for (int i = at + c; i < end; i += width) {
                load(x, i).mul(factor).intoArray(x, i);
            }
        }
    }

    /**
     * In three passes over a row, all in this method: it is too long to be inlined into its caller, where the compiler
     * would give up before it has inlined the arithmetic.
     */
    @Override
    public void softmaxHeads(float[] scores, int at, int stride, int rows, float[] bias, int atBias, int n, int heads) {
        int step = Math.max(heads, L);
        int end = at + rows * stride;
        for (int row = at; row < end; row += stride) {
            for (int first = 0; first < step; first += L) {
                // Vectors that are step apart have lanes of the same heads.
                FloatVector max = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
                for (int i = first; i < n; i += step) {
                    FloatVector score = load(scores, row + i).add(load(bias, atBias + i));
                    score.intoArray(scores, row + i);
                    max = max.max(score);
                }
                max = VectorMath.maxModulo(max, heads);
                for (int i = first; i < n; i += step) {
                    max.sub(load(scores, row + i)).intoArray(scores, row + i);
                }
            }
        }
        for (int row = at; row < end; row += stride) {
            for (int i = row; i < row + n; i += L) {
                VectorMath.power2(load(scores, i)).intoArray(scores, i);
            }
        }
        for (int row = at; row < end; row += stride) {
            for (int first = 0; first < step; first += L) {
                FloatVector sum = FloatVector.zero(F);
                for (int i = first; i < n; i += step) {
                    sum = sum.add(load(scores, row + i));
                }
                sum = VectorMath.sumModulo(sum, heads);
                FloatVector factor = FloatVector.broadcast(F, 1f).div(sum);
                for (int i = first; i < n; i += step) {
                    load(scores, row + i).mul(factor).intoArray(scores, row + i);
                }
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
        float mean = addAndSum(x, atX, y, atY, n) / n;
        float variance = squaredDeviations(x, atX, mean, n) / n;
        float factor = (float) (1 / Math.sqrt(variance + eps));
        ROWS.normalize(x, atX, mean, factor, gamma, atGamma, beta, atBeta, out, atOut, n);
    }

    /** Adds y to x; the sum of the results. Four sums side by side: one alone would wait for itself. */
    private static float addAndSum(float[] x, int atX, float[] y, int atY, int n) {
        FloatVector sum0 = FloatVector.zero(F);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        int i = 0;
        for (; i <= n - 4 * L; i += 4 * L) {
            FloatVector v0 = load(x, atX + i).add(load(y, atY + i));
            FloatVector v1 = load(x, atX + i + L).add(load(y, atY + i + L));
            FloatVector v2 = load(x, atX + i + 2 * L).add(load(y, atY + i + 2 * L));
            FloatVector v3 = load(x, atX + i + 3 * L).add(load(y, atY + i + 3 * L));
            v0.intoArray(x, atX + i);
            v1.intoArray(x, atX + i + L);
            v2.intoArray(x, atX + i + 2 * L);
            v3.intoArray(x, atX + i + 3 * L);
            sum0 = sum0.add(v0);
            sum1 = sum1.add(v1);
            sum2 = sum2.add(v2);
            sum3 = sum3.add(v3);
        }
        float sum = VectorMath.sum(sum0.add(sum1).add(sum2.add(sum3)));
        for (; i < n; i++) {
            x[atX + i] += y[atY + i];
            sum += x[atX + i];
        }
        return sum;
    }

    private static float squaredDeviations(float[] x, int at, float mean, int n) {
        FloatVector sum0 = FloatVector.zero(F);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        int i = 0;
        for (; i <= n - 4 * L; i += 4 * L) {
            FloatVector v0 = load(x, at + i).sub(mean);
            FloatVector v1 = load(x, at + i + L).sub(mean);
            FloatVector v2 = load(x, at + i + 2 * L).sub(mean);
            FloatVector v3 = load(x, at + i + 3 * L).sub(mean);
            sum0 = v0.fma(v0, sum0);
            sum1 = v1.fma(v1, sum1);
            sum2 = v2.fma(v2, sum2);
            sum3 = v3.fma(v3, sum3);
        }
        float sum = VectorMath.sum(sum0.add(sum1).add(sum2.add(sum3)));
        for (; i < n; i++) {
            float deviation = x[at + i] - mean;
            sum += deviation * deviation;
        }
        return sum;
    }

    @Override
    public void normGeluColumns(
            float[] x, int at, int rows, int width, float[] gamma, int atGamma, float[] beta, int atBeta, float eps) {
        int end = at + rows * width;
        for (int c = 0; c < width; c += 2 * L) {
            columnStatistics(x, at + c, rows, width, eps, end + c);
        }
        for (int c = 0; c < width; c += L) {
            FloatVector mean = load(x, end + c);
            FloatVector factor = load(x, end + width + c);
            for (int r = 0; r < rows; r++) {
                int i = at + c + r * width;
                FloatVector unit = load(x, i).sub(mean).mul(factor);
                FloatVector scale = FloatVector.broadcast(F, gamma[atGamma + r]);
                unit.fma(scale, FloatVector.broadcast(F, beta[atBeta + r])).intoArray(x, i);
            }
        }
        VectorMath.gelu(x, at, x, at, end - at);
    }

    /**
     * Mean and reciprocal standard deviation of two vectors of columns, written to rows {@code to} and the next. Four
     * sums side by side: one alone would wait for itself.
     */
    private static void columnStatistics(float[] x, int at, int rows, int width, float eps, int to) {
        int end = at + rows * width;
        FloatVector low = FloatVector.zero(F);
        FloatVector high = low;
        FloatVector low1 = low;
        FloatVector high1 = low;
        int i = at;
        for (; i < end - width; i += 2 * width) {
            low = low.add(load(x, i));
            high = high.add(load(x, i + L));
            low1 = low1.add(load(x, i + width));
            high1 = high1.add(load(x, i + width + L));
        }
        if (i < end) {
            low = low.add(load(x, i));
            high = high.add(load(x, i + L));
        }
        FloatVector mean = low.add(low1).div(rows);
        FloatVector meanHigh = high.add(high1).div(rows);
        low = FloatVector.zero(F);
        high = low;
        low1 = low;
        high1 = low;
        for (i = at; i < end - width; i += 2 * width) {
            FloatVector deviation = load(x, i).sub(mean);
            low = deviation.fma(deviation, low);
            deviation = load(x, i + L).sub(meanHigh);
            high = deviation.fma(deviation, high);
            deviation = load(x, i + width).sub(mean);
            low1 = deviation.fma(deviation, low1);
            deviation = load(x, i + width + L).sub(meanHigh);
            high1 = deviation.fma(deviation, high1);
        }
        if (i < end) {
            FloatVector deviation = load(x, i).sub(mean);
            low = deviation.fma(deviation, low);
            deviation = load(x, i + L).sub(meanHigh);
            high = deviation.fma(deviation, high);
        }
        mean.intoArray(x, to);
        meanHigh.intoArray(x, to + L);
        FloatVector one = FloatVector.broadcast(F, 1f);
        one.div(low.add(low1).div(rows).add(eps).sqrt()).intoArray(x, to + width);
        one.div(high.add(high1).div(rows).add(eps).sqrt()).intoArray(x, to + width + L);
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
        int end = at + rows * width;
        VectorMath.gelu(x, at, x, at, end - at);
        for (int c = 0; c < width; c += 2 * L) {
            for (int f = 0; f < filters; f += 4) {
                filter4(
                        x,
                        at + c,
                        end,
                        width,
                        filter,
                        atFilter + f * stride,
                        stride,
                        Math.min(4, filters - f),
                        out,
                        atOut + f * outStride + c,
                        outStride);
            }
        }
    }

    /** Up to four filters and two vectors side by side: few alone would wait for their own sums. */
    private static void filter4(
            float[] x,
            int from,
            int end,
            int width,
            float[] filter,
            int atFilter,
            int stride,
            int filters,
            float[] out,
            int atOut,
            int outStride) {
        int w1 = Math.min(1, filters - 1) * stride;
        int w2 = Math.min(2, filters - 1) * stride;
        int w3 = (filters - 1) * stride;
        FloatVector low0 = FloatVector.zero(F);
        FloatVector low1 = low0;
        FloatVector low2 = low0;
        FloatVector low3 = low0;
        FloatVector high0 = low0;
        FloatVector high1 = low0;
        FloatVector high2 = low0;
        FloatVector high3 = low0;
        int w = atFilter;
        for (int i = from; i < end; i += width, w++) {
            FloatVector low = load(x, i);
            FloatVector high = load(x, i + L);
            FloatVector factor = FloatVector.broadcast(F, filter[w]);
            low0 = factor.fma(low, low0);
            high0 = factor.fma(high, high0);
            factor = FloatVector.broadcast(F, filter[w + w1]);
            low1 = factor.fma(low, low1);
            high1 = factor.fma(high, high1);
            factor = FloatVector.broadcast(F, filter[w + w2]);
            low2 = factor.fma(low, low2);
            high2 = factor.fma(high, high2);
            factor = FloatVector.broadcast(F, filter[w + w3]);
            low3 = factor.fma(low, low3);
            high3 = factor.fma(high, high3);
        }
        // Where there are fewer than four, the last is written several times.
        int second = atOut + Math.min(1, filters - 1) * outStride;
        int third = atOut + Math.min(2, filters - 1) * outStride;
        int fourth = atOut + (filters - 1) * outStride;
        low0.intoArray(out, atOut);
        high0.intoArray(out, atOut + L);
        low1.intoArray(out, second);
        high1.intoArray(out, second + L);
        low2.intoArray(out, third);
        high2.intoArray(out, third + L);
        low3.intoArray(out, fourth);
        high3.intoArray(out, fourth + L);
    }
}
