package dev.sam2j.cpu.decoder;

import dev.sam2j.cpu.products.GemmKernel;
import dev.sam2j.tensor.Activation;

/**
 * Innermost loops of the operations between tokens and image ({@link CpuAttendImage}, {@link CpuAttendTokens},
 * {@link CpuDrawMasks}). Widths are multiples of {@link GemmKernel#panelWidth}.
 */
public interface TokenLoops {
    /**
     * One step of an online softmax down the columns of a panel, in powers of 2: replaces each score {@code s} by
     * {@code 2^(s - max)} for the largest score of its column so far.
     *
     * @param scores rows of {@code width} values without gaps
     * @param state {@code width} largest scores so far, then as many sums of powers, then as many factors: the call
     *     updates the first two and sets the factors that earlier powers have to be multiplied by
     * @return whether any factor is not 1
     */
    boolean softmaxColumns(float[] scores, int at, int rows, int width, float[] state, int atState);

    /** Multiplies each of {@code rows} rows of {@code width} values by the row of factors. */
    void scaleColumns(float[] x, int at, int rows, int width, float[] factors, int atFactors);

    /**
     * Softmax of rows of scores within each head, in powers of 2: values of a row whose indices are equal modulo
     * {@code heads} belong together. {@code n} is a multiple of the vector length and of {@code heads}, a power of 2.
     *
     * @param scores {@code rows} rows of {@code n} values, {@code stride} apart
     * @param bias {@code n} values that are added to the scores of each row first
     */
    void softmaxHeads(float[] scores, int at, int stride, int rows, float[] bias, int atBias, int n, int heads);

    /**
     * Layer norm of a row that is the sum of two: {@code out = (x + y - mean) / sqrt(var + eps) * gamma + beta}, the
     * variance in a second pass. x becomes the sum.
     */
    void addAndNormalize(
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
            int n);

    /**
     * Layer norm down each column of {@code rows} rows of {@code width} values, then {@link Activation#GELU};
     * the two rows behind them become undefined.
     *
     * @param gamma one factor per row
     * @param beta one addend per row
     */
    void normGeluColumns(
            float[] x, int at, int rows, int width, float[] gamma, int atGamma, float[] beta, int atBeta, float eps);

    /**
     * {@code out[c] = sum over rows r of filter[r] * gelu(x[r][c])} for each of {@code width} columns and each of
     * {@code filters} filters of {@code rows} values; x is overwritten.
     *
     * @param stride distance between filters
     * @param out filters rows of {@code width} values, {@code outStride} apart
     */
    void filterGelu(
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
            int outStride);
}
