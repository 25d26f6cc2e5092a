package dev.sam2j.cpu.decoder;

import dev.sam2j.cpu.products.GemmKernel;

/**
 * Innermost loops of the operations on {@link LowRankImages}, whose positions lie side by side in blocks of
 * {@code width} ({@link GemmKernel#panelWidth}).
 */
public interface LowRankLoops {
    /** {@code x[r][c] = x[r][c] * scale[c] + addend[r]} for rows of {@code width} values without gaps. */
    void scaleAndShift(
            float[] x, int at, int rows, int width, float[] scale, int atScale, float[] addend, int atAddend);

    /** {@code x[r][c] = x[r][c] * scale[c] + y[r][c]} for rows of {@code width} values without gaps. */
    void scaleAndAdd(float[] x, int at, int rows, int width, float[] scale, int atScale, float[] y, int atY);

    /**
     * Softmax down each column, in powers of 2, divided by {@code divisor}: {@code x[r][c] = 2^x[r][c] / (divisor[c]
     * sum_i 2^x[i][c])}.
     */
    void softmaxColumns(float[] x, int at, int rows, int width, float[] divisor, int atDivisor);

    /** {@code sum[c] += sum over rows r of x[r][c] * y[r][c]}. */
    void addColumnProducts(float[] x, int at, float[] y, int atY, int rows, int width, float[] sum, int atSum);

    /**
     * Weights of a softmax along each of {@code rows} rows that go through {@code blocks} blocks: replaces each score
     * {@code s} by {@code 2^(s - max) scale[position]}.
     *
     * @param scores blocks, {@code stride} apart, of {@code rows} rows of {@code width} values without gaps
     * @param scale one factor for each position
     * @param state receives the largest score of each row, then the sums of powers, without the factors
     */
    void softmaxRows(
            float[] scores,
            int at,
            int stride,
            int rows,
            int width,
            int blocks,
            float[] scale,
            int atScale,
            float[] state,
            int atState);

    /** Rows of a and of b that {@link #rowProducts} takes must come in multiples of this. */
    int ROW_GROUP = 4;

    /**
     * Dot products of rows that go through {@code blocks} blocks: {@code out[i][j] = sum over positions n of a[i][n]
     * b[j][n]}.
     *
     * @param strideA distance between blocks of a, whose rows of {@code width} values have no gaps; likewise strideB
     * @param out rows {@code outStride} apart
     */
    void rowProducts(
            float[] a,
            int atA,
            int strideA,
            int rowsA,
            float[] b,
            int atB,
            int strideB,
            int rowsB,
            int width,
            int blocks,
            float[] out,
            int atOut,
            int outStride);
}
