package dev.sam2j.cpu.attention;

import dev.sam2j.cpu.products.ProductKernel;

/**
 * The innermost loops of {@link Attention} beside the product of queries and keys, which is one of {@link
 * ProductKernel}. Scores lie one row per key, {@link Attention#STRIDE} apart, one column per query: the softmax then
 * works on the lanes of vectors and never across them. Panels of values are {@code lanes} or {@code 2 lanes} wide.
 */
public interface AttentionTiles {
    /** Floats in a vector. */
    int lanes();

    /** Queries in a tile of {@link #multiply}: there is room for whole tiles. */
    int rows();

    /**
     * Replaces scores s by {@code 2^(s - max)} in the form that {@link #multiply} takes, where max is the largest score
     * of the column, and sums columns up.
     *
     * @param s {@code keys} rows, and room for three more
     * @param columns queries, a multiple of {@code lanes}
     * @param maxima one value per column: a lower bound of max, replaced by max
     * @param sums receives one value per column
     */
    void soften(float[] s, int keys, int columns, float[] maxima, float[] sums);

    /**
     * Brings a panel of values into the form that {@link #multiply} takes, in place: by default it has that form.
     *
     * @param v {@code keys} rows of {@code vectors * lanes} values without gaps
     */
    default void packValues(float[] v, int offset, int keys, int vectors) {}

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
    void multiply(
            float[] p,
            int queries,
            float[] v,
            int vOffset,
            int keys,
            int vectors,
            boolean accumulate,
            float[] c,
            int cOffset,
            int cStride);

    /** {@code out = factor x} for n values; out may be x. */
    void scale(float factor, float[] x, int xOffset, float[] out, int outOffset, int n);
}
