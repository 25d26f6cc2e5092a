package dev.sam2j.kernels.cpu;

/**
 * The innermost loops of {@link Attention}, on tiles of {@link #rows} queries. Score tiles and packed queries have the
 * row distance {@link Attention#STRIDE}; panels of packed keys and values are {@code lanes} or {@code 2 lanes} wide.
 */
public interface AttentionTiles {
    /** Floats in a vector. */
    int lanes();

    /** Queries in a tile. */
    int rows();

    /**
     * {@code C += A B} for one tile: A (rows, depth) with row distance {@link Attention#STRIDE}, B (depth, vectors *
     * lanes) without gaps, C (rows, vectors * lanes) with row distance {@code strideC}.
     *
     * @param vectors 1 or 2
     */
    void multiply(
            float[] a,
            int offsetA,
            float[] b,
            int offsetB,
            int depth,
            int vectors,
            float[] c,
            int offsetC,
            int strideC);

    /** Largest of {@code n} values and {@code start}; n is a multiple of {@code lanes}. */
    float max(float[] x, int offset, int n, float start);

    /** Replaces {@code n} values x by {@code 2^(x - max)} and returns their sum; n is a multiple of {@code lanes}. */
    float exp2(float[] x, int offset, int n, float max);

    /** Multiplies {@code n} values by a factor; n is a multiple of {@code lanes}. */
    void scale(float[] x, int offset, int n, float factor);
}
