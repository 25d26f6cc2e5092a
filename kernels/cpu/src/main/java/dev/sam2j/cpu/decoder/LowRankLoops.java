package dev.sam2j.cpu.decoder;

import dev.sam2j.cpu.math.Exp2;
import dev.sam2j.cpu.products.GemmKernel;

/**
 * Innermost loops of the operations on {@link LowRankImages}, whose positions lie side by side in blocks of
 * {@code width} ({@link GemmKernel#panelWidth}): here in plain Java, in {@link VectorLowRankLoops} on the Vector API.
 */
public class LowRankLoops {
    /** Rows of a and of b that {@link #rowProducts} takes must come in multiples of this. */
    static final int ROW_GROUP = 4;

    /** {@code x[r][c] = x[r][c] * scale[c] + addend[r]} for rows of {@code width} values without gaps. */
    public void scaleAndShift(
            float[] x, int at, int rows, int width, float[] scale, int atScale, float[] addend, int atAddend) {
        for (int r = 0; r < rows; r++) {
            float shift = addend[atAddend + r];
            for (int c = 0; c < width; c++) {
                x[at + r * width + c] = x[at + r * width + c] * scale[atScale + c] + shift;
            }
        }
    }

    /** {@code x[r][c] = x[r][c] * scale[c] + y[r][c]} for rows of {@code width} values without gaps. */
    public void scaleAndAdd(float[] x, int at, int rows, int width, float[] scale, int atScale, float[] y, int atY) {
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < width; c++) {
                int i = r * width + c;
                x[at + i] = x[at + i] * scale[atScale + c] + y[atY + i];
            }
        }
    }

    /**
     * Softmax down each column, in powers of 2, divided by {@code divisor}: {@code x[r][c] = 2^x[r][c] / (divisor[c]
     * sum_i 2^x[i][c])}.
     */
    public void softmaxColumns(float[] x, int at, int rows, int width, float[] divisor, int atDivisor) {
        for (int c = 0; c < width; c++) {
            float max = Float.NEGATIVE_INFINITY;
            for (int r = 0; r < rows; r++) {
                max = Math.max(max, x[at + r * width + c]);
            }
            float sum = 0;
            for (int r = 0; r < rows; r++) {
                int i = at + r * width + c;
                x[i] = Exp2.of(x[i] - max);
                sum += x[i];
            }
            float factor = 1 / (sum * divisor[atDivisor + c]);
            for (int r = 0; r < rows; r++) {
                x[at + r * width + c] *= factor;
            }
        }
    }

    /** {@code sum[c] += sum over rows r of x[r][c] * y[r][c]}. */
    public void addColumnProducts(float[] x, int at, float[] y, int atY, int rows, int width, float[] sum, int atSum) {
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < width; c++) {
                sum[atSum + c] += x[at + r * width + c] * y[atY + r * width + c];
            }
        }
    }

    /**
     * Weights of a softmax along each of {@code rows} rows that go through {@code blocks} blocks: replaces each score
     * {@code s} by {@code 2^(s - max) scale[position]}.
     *
     * @param scores blocks, {@code stride} apart, of {@code rows} rows of {@code width} values without gaps
     * @param scale one factor for each position
     * @param state receives the largest score of each row, then the sums of powers, without the factors
     */
    public void softmaxRows(
            float[] scores,
            int at,
            int stride,
            int rows,
            int width,
            int blocks,
            float[] scale,
            int atScale,
            float[] state,
            int atState) {
        for (int r = 0; r < rows; r++) {
            float max = Float.NEGATIVE_INFINITY;
            for (int n = 0; n < blocks * width; n++) {
                max = Math.max(max, scores[at + n / width * stride + r * width + n % width]);
            }
            float sum = 0;
            for (int n = 0; n < blocks * width; n++) {
                int i = at + n / width * stride + r * width + n % width;
                float power = Exp2.of(scores[i] - max);
                sum += power;
                scores[i] = power * scale[atScale + n];
            }
            state[atState + r] = max;
            state[atState + rows + r] = sum;
        }
    }

    /**
     * Dot products of rows that go through {@code blocks} blocks: {@code out[i][j] = sum over positions n of a[i][n]
     * b[j][n]}.
     *
     * @param strideA distance between blocks of a, whose rows of {@code width} values have no gaps; likewise strideB
     * @param out rows {@code outStride} apart
     */
    public void rowProducts(
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
            int outStride) {
        for (int i = 0; i < rowsA; i++) {
            for (int j = 0; j < rowsB; j++) {
                float sum = 0;
                for (int block = 0; block < blocks; block++) {
                    int x = atA + block * strideA + i * width;
                    int y = atB + block * strideB + j * width;
                    for (int c = 0; c < width; c++) {
                        sum += a[x + c] * b[y + c];
                    }
                }
                out[atOut + i * outStride + j] = sum;
            }
        }
    }
}
