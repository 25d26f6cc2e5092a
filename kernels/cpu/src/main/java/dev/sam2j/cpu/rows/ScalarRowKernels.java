package dev.sam2j.cpu.rows;

import dev.sam2j.tensor.host.HalfPrecision;

/** {@link RowKernels} in plain Java; also the tails of {@link VectorRowKernels}. */
public class ScalarRowKernels implements RowKernels {
    @Override
    public float sum(float[] x, int atX, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += x[atX + i];
        }
        return (float) sum;
    }

    @Override
    public float squaredDeviations(float[] x, int atX, float mean, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            float deviation = x[atX + i] - mean;
            sum += deviation * deviation;
        }
        return (float) sum;
    }

    @Override
    public void normalize(
            float[] x,
            int atX,
            float mean,
            float factor,
            float[] gamma,
            int atGamma,
            float[] beta,
            int atBeta,
            float[] out,
            int atOut,
            int n) {
        for (int i = 0; i < n; i++) {
            out[atOut + i] = (x[atX + i] - mean) * factor * gamma[atGamma + i] + beta[atBeta + i];
        }
    }

    @Override
    public void combine(
            float alpha, float[] a, int atA, float beta, float[] b, int atB, float[] out, int atOut, int n) {
        for (int i = 0; i < n; i++) {
            out[atOut + i] = alpha * a[atA + i] + beta * b[atB + i];
        }
    }

    @Override
    public void affine(float scale, float[] x, int atX, float shift, float[] out, int atOut, int n) {
        for (int i = 0; i < n; i++) {
            out[atOut + i] = scale * x[atX + i] + shift;
        }
    }

    @Override
    public void addScaled(float factor, float[] x, int atX, float[] out, int atOut, int n) {
        for (int i = 0; i < n; i++) {
            out[atOut + i] += factor * x[atX + i];
        }
    }

    @Override
    public void max4(float[] x, int atA, int atB, int atC, int atD, float[] out, int atOut, int n) {
        for (int i = 0; i < n; i++) {
            float ab = Math.max(x[atA + i], x[atB + i]);
            out[atOut + i] = Math.max(ab, Math.max(x[atC + i], x[atD + i]));
        }
    }

    @Override
    public void depthwise(
            float[] x,
            int atX,
            int rowX,
            int stepX,
            float[] w,
            int atW,
            int rowW,
            int stepW,
            int ny,
            int nx,
            float[] bias,
            int atBias,
            float[] out,
            int atOut,
            int n) {
        for (int i = 0; i < n; i++) {
            float sum = bias[atBias + i];
            for (int ky = 0; ky < ny; ky++) {
                for (int kx = 0; kx < nx; kx++) {
                    sum += x[atX + ky * rowX + kx * stepX + i] * w[atW + ky * rowW + kx * stepW + i];
                }
            }
            out[atOut + i] = sum;
        }
    }

    @Override
    public void roundToBf16(float[] x, int atX, float[] out, int atOut, int n) {
        for (int i = 0; i < n; i++) {
            out[atOut + i] = HalfPrecision.fromBf16(HalfPrecision.toBf16(x[atX + i]));
        }
    }

    @Override
    public void twoTaps(
            float[] x,
            int atX,
            int[] first,
            int[] second,
            float[] firstWeight,
            float[] secondWeight,
            int atTaps,
            float[] out,
            int atOut,
            int n) {
        for (int i = 0; i < n; i++) {
            out[atOut + i] = firstWeight[atTaps + i] * x[atX + first[atTaps + i]]
                    + secondWeight[atTaps + i] * x[atX + second[atTaps + i]];
        }
    }

    @Override
    public long threshold(
            float alpha,
            float[] a,
            int atA,
            float beta,
            float[] b,
            int atB,
            int n,
            float low,
            float middle,
            float high,
            long[] bits,
            long at) {
        int aboveLow = 0;
        int aboveHigh = 0;
        for (int i = 0; i < n; i++) {
            float value = alpha * a[atA + i] + beta * b[atB + i];
            aboveLow += value > low ? 1 : 0;
            aboveHigh += value > high ? 1 : 0;
            bits[(int) (at + i >> 6)] |= (value > middle ? 1L : 0L) << at + i;
        }
        return (long) aboveLow << 32 | aboveHigh;
    }
}
