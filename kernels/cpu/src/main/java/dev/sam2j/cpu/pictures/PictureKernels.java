package dev.sam2j.cpu.pictures;

/**
 * Innermost loops over {@code n} adjacent values of pictures, here in plain Java, in {@link VectorPictureKernels} on
 * the Vector API; each array is followed by the index of the first value.
 */
public class PictureKernels {
    /** {@code out += factor x}. */
    public void addScaled(float factor, float[] x, int atX, float[] out, int atOut, int n) {
        for (int i = 0; i < n; i++) {
            out[atOut + i] += factor * x[atX + i];
        }
    }

    /** {@code out = max(a, b, c, d)}, all in one array. */
    public void max4(float[] x, int atA, int atB, int atC, int atD, float[] out, int atOut, int n) {
        for (int i = 0; i < n; i++) {
            float ab = Math.max(x[atA + i], x[atB + i]);
            out[atOut + i] = Math.max(ab, Math.max(x[atC + i], x[atD + i]));
        }
    }

    /**
     * {@code out = bias + sum over ny x nx taps of x * w}, per channel.
     *
     * @param rowX distance of taps in x along y, {@code stepX} along x; {@code rowW} and {@code stepW} in the weights
     */
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

    /**
     * {@code out[i] = firstWeight[i] x[first[i]] + secondWeight[i] x[second[i]]}; indices and weights begin at
     * {@code atTaps}, indices count from {@code atX}.
     */
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

    /**
     * Compares {@code alpha a + beta b} with three thresholds. Bit {@code at + i} of {@code bits}, which must be 0, is
     * set where value i exceeds {@code middle}.
     *
     * @return how many values exceed {@code low} in the upper 32 bits, how many exceed {@code high} in the lower
     */
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
