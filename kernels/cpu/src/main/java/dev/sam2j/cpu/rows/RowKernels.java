package dev.sam2j.cpu.rows;

/** Innermost loops over {@code n} adjacent values; each array is followed by the index of the first value. */
public interface RowKernels {
    /** The sum of the values. */
    float sum(float[] x, int atX, int n);

    /** The sum of {@code (x - mean)²}. */
    float squaredDeviations(float[] x, int atX, float mean, int n);

    /** {@code out = (x - mean) * factor * gamma + beta}; out may be x. */
    void normalize(
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
            int n);

    /** {@code out = alpha a + beta b}; out may be a or b. */
    void combine(float alpha, float[] a, int atA, float beta, float[] b, int atB, float[] out, int atOut, int n);

    /** {@code out = scale x + shift}; out may be x. */
    void affine(float scale, float[] x, int atX, float shift, float[] out, int atOut, int n);

    /** {@code out += factor x}. */
    void addScaled(float factor, float[] x, int atX, float[] out, int atOut, int n);

    /** {@code out = max(a, b, c, d)}, all in one array. */
    void max4(float[] x, int atA, int atB, int atC, int atD, float[] out, int atOut, int n);

    /**
     * {@code out = bias + sum over ny x nx taps of x * w}, per channel.
     *
     * @param rowX distance of taps in x along y, {@code stepX} along x; {@code rowW} and {@code stepW} in the weights
     */
    void depthwise(
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
            int n);

    /** Nearest bfloat16 values, ties to even; out may be x. */
    void roundToBf16(float[] x, int atX, float[] out, int atOut, int n);

    /**
     * {@code out[i] = firstWeight[i] x[first[i]] + secondWeight[i] x[second[i]]}; indices and weights begin at
     * {@code atTaps}, indices count from {@code atX}.
     */
    void twoTaps(
            float[] x,
            int atX,
            int[] first,
            int[] second,
            float[] firstWeight,
            float[] secondWeight,
            int atTaps,
            float[] out,
            int atOut,
            int n);

    /**
     * Compares {@code alpha a + beta b} with three thresholds. Bit {@code at + i} of {@code bits}, which must be 0, is
     * set where value i exceeds {@code middle}.
     *
     * @return how many values exceed {@code low} in the upper 32 bits, how many exceed {@code high} in the lower
     */
    long threshold(
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
            long at);
}
