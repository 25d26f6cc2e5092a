package dev.sam2j.cpu.training;

import dev.sam2j.cpu.math.Exp2;

/**
 * The innermost loops of adjoints of layer norm and attention: here in plain Java, in {@link VectorBackwardLoops} on
 * the Vector API.
 */
public class BackwardLoops {
    /**
     * What a row of a layer norm needs of its gradient: {@code sums[0] = sum(dY gamma)},
     * {@code sums[1] = sum(dY gamma (x - mean))}.
     */
    void normSums(
            float[] x, int atX, float mean, float[] gamma, int atGamma, float[] dY, int atDY, int n, float[] sums) {
        double sum = 0;
        double product = 0;
        for (int i = 0; i < n; i++) {
            float g = dY[atDY + i] * gamma[atGamma + i];
            sum += g;
            product += g * (x[atX + i] - mean);
        }
        sums[0] = (float) sum;
        sums[1] = (float) product;
    }

    /** {@code dX += factor dY gamma - shift - slope (x - mean)} for a row. */
    void normInput(
            float[] x,
            int atX,
            float mean,
            float[] gamma,
            int atGamma,
            float[] dY,
            int atDY,
            float factor,
            float shift,
            float slope,
            float[] dX,
            int atDX,
            int n) {
        for (int i = 0; i < n; i++) {
            float g = factor * dY[atDY + i] * gamma[atGamma + i] - shift;
            dX[atDX + i] += g - slope * (x[atX + i] - mean);
        }
    }

    /** {@code sums[i] += dY[i] factor (x[i] - mean)} and {@code sums[n + i] += dY[i]} for a row. */
    void normParameters(
            float[] x, int atX, float mean, float factor, float[] dY, int atDY, int n, float[] sums, int atSums) {
        for (int i = 0; i < n; i++) {
            sums[atSums + i] += dY[atDY + i] * (factor * (x[atX + i] - mean));
            sums[atSums + n + i] += dY[atDY + i];
        }
    }

    /** {@code sums[i]} is the product of row i of a with row i of b, for rows of n values. */
    void rowProducts(float[] a, int atA, int strideA, float[] b, int atB, int strideB, int rows, int n, float[] sums) {
        for (int row = 0; row < rows; row++) {
            sums[row] = dot(a, atA + row * strideA, b, atB + row * strideB, n);
        }
    }

    static float dot(float[] a, int atA, float[] b, int atB, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += a[atA + i] * b[atB + i];
        }
        return (float) sum;
    }

    /** {@code to[row][i] += factor x[row][i]} for rows of n values, those of x from its beginning. */
    void addRows(float factor, float[] x, int strideX, int rows, int n, float[] to, int atTo, int strideTo) {
        for (int row = 0; row < rows; row++) {
            int from = row * strideX;
            int at = atTo + row * strideTo;
            for (int i = 0; i < n; i++) {
                to[at + i] += factor * x[from + i];
            }
        }
    }

    /**
     * Replaces scores by weights, {@code p = 2^(s - logSum)}, and gradients of weights by gradients of scores,
     * {@code d = p (d - mean)}. Columns are queries.
     *
     * @param s rows of scores for powers of 2
     * @param d as many rows, gradients of weights
     * @param stride from row to row, in both
     * @param columns a multiple of {@link dev.sam2j.cpu.attention.AttentionTiles#lanes}
     * @param logSums for each column the logarithm to base 2 of the sum of powers
     * @param means for each column the mean of d, weighted with p
     */
    void softmax(float[] s, float[] d, int rows, int stride, int columns, float[] logSums, float[] means) {
        for (int row = 0; row < rows; row++) {
            for (int i = 0, at = row * stride; i < columns; i++, at++) {
                float p = Exp2.of(s[at] - logSums[i]);
                s[at] = p;
                d[at] = p * (d[at] - means[i]);
            }
        }
    }
}
