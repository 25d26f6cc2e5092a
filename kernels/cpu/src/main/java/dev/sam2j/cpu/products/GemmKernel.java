package dev.sam2j.cpu.products;

/** {@link ProductKernel} in float32, with the loops of other operations beside it. */
public interface GemmKernel extends ProductKernel {
    /** Floats from row to row of those that {@link #sumTile} multiplies, and most of their columns. */
    int SUM_STRIDE = 64;

    /** Rows of the smallest tile of {@link #sumTile}. */
    int FEW_SUM_ROWS = 4;

    @Override
    default int valuesPerWord() {
        return 1;
    }

    @Override
    default void toWords(float[] x, int xOffset, int n, float factor, float[] words, int offset) {
        if (factor == 1) {
            System.arraycopy(x, xOffset, words, offset, n);
        } else {
            for (int i = 0; i < n; i++) {
                words[offset + i] = factor * x[xOffset + i];
            }
        }
    }

    @Override
    default void fromWords(float[] words, int offset, int n, float[] x, int xOffset) {
        System.arraycopy(words, offset, x, xOffset, n);
    }

    @Override
    default void tiles(
            int rows,
            float[] a,
            int aOffset,
            float[] data,
            int panel,
            int panelStride,
            int panels,
            int depth,
            float[] from,
            int fromOffset,
            int fromStride,
            int fromStep,
            float[] c,
            int cOffset,
            int cStride) {
        for (int p = 0; p < panels; p++) {
            int start = fromOffset + p * fromStep;
            int to = cOffset + p * panelWidth();
            tile(rows, a, aOffset, data, panel + p * panelStride, depth, from, start, fromStride, c, to, cStride);
        }
    }

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
}
