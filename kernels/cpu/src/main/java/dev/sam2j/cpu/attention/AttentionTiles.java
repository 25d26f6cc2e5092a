package dev.sam2j.cpu.attention;

import dev.sam2j.cpu.math.Exp2;
import dev.sam2j.cpu.products.ProductKernel;
import java.util.Arrays;

/**
 * The innermost loops of {@link Attention} beside the product of queries and keys, which is one of {@link
 * ProductKernel}: here in plain Java, in {@link VectorAttentionTiles} on the Vector API. Scores lie one row per key,
 * {@link Attention#STRIDE} apart, one column per query: the softmax then works on the lanes of vectors and never across
 * them. Panels of values are {@code lanes} or {@code 2 lanes} wide.
 */
public class AttentionTiles {
    private static final int LANES = 8;
    private static final int ROWS = 4;

    /** Floats in a vector. */
    public int lanes() {
        return LANES;
    }

    /** Queries in a tile of {@link #multiply}: there is room for whole tiles. */
    public int rows() {
        return ROWS;
    }

    /**
     * Replaces scores s by {@code 2^(s - max)} in the form that {@link #multiply} takes, where max is the largest score
     * of the column, and sums columns up.
     *
     * @param s {@code keys} rows, and room for three more
     * @param columns queries, a multiple of {@code lanes}
     * @param maxima one value per column: a lower bound of max, replaced by max
     * @param sums receives one value per column
     */
    public void soften(float[] s, int keys, int columns, float[] maxima, float[] sums) {
        for (int c = 0; c < columns; c++) {
            float top = maxima[c];
            for (int k = 0; k < keys; k++) {
                top = Math.max(top, s[k * Attention.STRIDE + c]);
            }
            float sum = 0;
            for (int k = 0; k < keys; k++) {
                int at = k * Attention.STRIDE + c;
                s[at] = Exp2.of(s[at] - top);
                sum += s[at];
            }
            maxima[c] = top;
            sums[c] = sum;
        }
    }

    /**
     * Brings a panel of values into the form that {@link #multiply} takes, in place: by default it has that form.
     *
     * @param v {@code keys} rows of {@code vectors * lanes} values without gaps
     */
    public void packValues(float[] v, int offset, int keys, int vectors) {}

    /**
     * {@code c[i][j] (+)= sum_k p[k][i] v[k][j]} for queries i and the columns j of one panel.
     *
     * @param p powers from {@link #soften}
     * @param queries queries that count; as many as fill the last tile are multiplied
     * @param v a panel from {@link #packValues}
     * @param keys at most {@link Attention#KEY_BLOCK}
     * @param vectors 1 or 2
     * @param accumulate whether the sums are added to c or replace it
     */
    public void multiply(
            float[] p,
            int queries,
            float[] v,
            int vOffset,
            int keys,
            int vectors,
            boolean accumulate,
            float[] c,
            int cOffset,
            int cStride) {
        int width = vectors * LANES;
        for (int i = 0; i < queries; i++) {
            int row = cOffset + i * cStride;
            if (!accumulate) {
                Arrays.fill(c, row, row + width, 0);
            }
            for (int k = 0; k < keys; k++) {
                float factor = p[k * Attention.STRIDE + i];
                int from = vOffset + k * width;
                for (int j = 0; j < width; j++) {
                    c[row + j] += factor * v[from + j];
                }
            }
        }
    }

    /** {@code out = factor x} for n values; out may be x. */
    public void scale(float factor, float[] x, int xOffset, float[] out, int outOffset, int n) {
        for (int i = 0; i < n; i++) {
            out[outOffset + i] = factor * x[xOffset + i];
        }
    }
}
