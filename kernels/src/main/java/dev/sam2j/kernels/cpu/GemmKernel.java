package dev.sam2j.kernels.cpu;

/** The innermost loops of a matrix product; {@link Gemm} arranges them. */
public interface GemmKernel {
    /** Most columns of the rows that {@link #tile} multiplies. */
    int MAX_DEPTH = 576;

    /**
     * Floats from row to row of those: a constant, so that one index addresses all rows of a tile, and an odd number of
     * cache lines, so that they do not share cache sets.
     */
    int ROW_STRIDE = MAX_DEPTH + 16;

    /** Floats from row to row of those that {@link #sumTile} multiplies, and most of their columns. */
    int SUM_STRIDE = 64;

    /** Rows of the smallest tile of {@link #sumTile}. */
    int FEW_SUM_ROWS = 4;

    /** Rows of the largest tile. */
    int tileRows();

    /** Columns of a tile, which is the number of matrix rows interleaved in one panel of {@link PackedWeights}. */
    int panelWidth();

    /**
     * Multiplies up to {@link #tileRows} rows by one panel: {@code c[i][j] = from[i][j] + sum_k a[i][k] panel[k][j]}.
     *
     * @param rows rows of a that count, 1 to tileRows
     * @param a a whole tile of rows of {@code depth} values, {@link #ROW_STRIDE} apart
     * @param panel {@code depth} rows of {@link #panelWidth} values without gaps
     * @param depth length of the sums, at most {@link #MAX_DEPTH}
     * @param from what the sums start from: tileRows rows of panelWidth values, {@code fromStride} apart; a stride of 0
     *     repeats one row
     * @param c as many rows, {@code cStride} apart; those from {@code rows} on become undefined; may be {@code from}
     */
    void tile(
            int rows,
            float[] a,
            int aOffset,
            float[] panel,
            int panelOffset,
            int depth,
            float[] from,
            int fromOffset,
            int fromStride,
            float[] c,
            int cOffset,
            int cStride);

    /** Most columns of a that {@link #columnTile} takes at once; divides {@link #panelWidth}. */
    int columnTileRows();

    /** Columns of a that {@link #columnTile} takes instead where more would be too many. */
    int FEW_COLUMNS = 4;

    /**
     * Multiplies columns of a, which become rows of the result, by one panel: {@code c[i][j] = from[i][j] + sum_k
     * a[k][i] panel[k][j]}.
     *
     * @param rows {@link #columnTileRows} or {@link #FEW_COLUMNS}
     * @param a rows of at least as many values, {@code aStride} apart
     * @param panel {@code depth} rows of {@link #panelWidth} values without gaps
     * @param from {@code rows} rows of panelWidth values without gaps, which the sums start with
     * @param c as many rows without gaps; may be {@code from}
     */
    void columnTile(
            int rows,
            float[] a,
            int aOffset,
            int aStride,
            float[] panel,
            int panelOffset,
            int depth,
            float[] from,
            int fromOffset,
            float[] c,
            int cOffset);

    /** Most rows that {@link #sumTile} takes at once. */
    int sumTileRows();

    /**
     * Multiplies up to {@link #sumTileRows} rows by the sum of two panels, which have one row more than the sums are
     * long: {@code c[i][j] = x[depth][j] + y[depth][j] + sum_k a[i][k] (x[k][j] + y[k][j])}.
     *
     * @param rows rows of a that count, 1 to sumTileRows
     * @param a as many rows as sumTileRows, {@link #SUM_STRIDE} apart
     * @param x {@code depth + 1} rows of {@link #panelWidth} values without gaps
     * @param y as x
     * @param depth length of the sums, at most {@link #SUM_STRIDE}
     * @param c sumTileRows rows, {@code cStride} apart; those from {@code rows} on become undefined
     */
    void sumTile(
            int rows,
            float[] a,
            int aOffset,
            float[] x,
            int xOffset,
            float[] y,
            int yOffset,
            int depth,
            float[] c,
            int cOffset,
            int cStride);

    /**
     * Products of a panel of vectors and one vector as complex numbers, pairs (a, b) for {@code a + b i}: for each pair
     * (w0, w1) of w and each vector's pair (q0, q1) the real part of the product with the conjugate, {@code q0 w0 + q1
     * w1}, and its imaginary part, {@code q1 w0 - q0 w1}.
     *
     * @param q {@code 2 pairs} rows of {@link #panelWidth} values without gaps
     * @param w {@code 2 pairs} values
     * @param to receives {@code pairs} rows of real parts, then as many of imaginary parts, without gaps
     */
    void pairProducts(float[] q, int qOffset, float[] w, int wOffset, int pairs, float[] to, int toOffset);

    /**
     * {@code to[n] = even[n] + odd[n]} and {@code to[-n] = even[n] - odd[n]} for rows n from 0 to {@code rows - 1}.
     *
     * @param even rows of {@link #panelWidth} values without gaps
     * @param to rows of as many values, {@code step} apart, number 0 at {@code toOffset}
     */
    void mirror(float[] even, float[] odd, int rows, float[] to, int toOffset, int step);

    /**
     * Applies an epilogue to a piece of a row: {@code y[j] = residual[j] + scale[j] * f(c[j] + bias[j])}. The residual
     * may be y.
     *
     * @param c sums; overwritten
     * @param column index of the first value in {@code e.bias} and {@code e.scale}
     * @param residualOffset first value in {@code e.residual}
     * @param n number of values
     */
    void finish(float[] c, int cOffset, GemmEpilogue e, int column, int residualOffset, float[] y, int yOffset, int n);

    /** {@code y = a + b} for n values. */
    void add(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int n);
}
