package dev.sam2j.kernels.cpu;

/**
 * The innermost loops of {@link Attention} beside the product of queries and keys, which is one of {@link GemmKernel}.
 * Scores lie one row per key, {@link Attention#STRIDE} apart, one column per query: the softmax then works on the
 * lanes of vectors and never across them. Panels of values are {@code lanes} or {@code 2 lanes} wide.
 */
public interface AttentionTiles {
    /** Floats in a vector. */
    int lanes();

    /** Queries in a tile of {@link #multiply}. */
    int rows();

    /**
     * Replaces scores s by {@code 2^(s - max)}, where max is the largest score of the column, and sums columns up.
     *
     * @param s {@code keys} rows, and room for three more
     * @param columns queries, a multiple of {@code lanes}
     * @param maxima one value per column: a lower bound of max, replaced by max
     * @param sums receives one value per column
     */
    void soften(float[] s, int keys, int columns, float[] maxima, float[] sums);

    /**
     * {@code c[i][j] (+)= sum_k p[k][i] v[k][j]} for {@link #rows} queries i and the columns j of one panel.
     *
     * @param p powers, {@code depth} rows from {@code pOffset} on, at most {@link Attention#KEY_BLOCK}
     * @param v {@code depth} rows of {@code vectors * lanes} values without gaps
     * @param vectors 1 or 2
     * @param accumulate whether the sums are added to c or replace it
     */
    void multiply(
            float[] p,
            int pOffset,
            float[] v,
            int vOffset,
            int depth,
            int vectors,
            boolean accumulate,
            float[] c,
            int cOffset,
            int cStride);

    /** {@code out = factor x} for n values; out may be x. */
    void scale(float factor, float[] x, int xOffset, float[] out, int outOffset, int n);
}
