package dev.sam2j.cpu.products;

/**
 * {@link ProductKernel} in float32, with the loops of other operations beside it: here in plain Java, simple enough for
 * the compiler to vectorise, in {@link VectorGemm} on the Vector API.
 */
public class GemmKernel implements ProductKernel {
    /** Floats from row to row of those that {@link #sumTile} multiplies, and most of their columns. */
    public static final int SUM_STRIDE = 64;

    /** Rows of the smallest tile of {@link #sumTile}. */
    public static final int FEW_SUM_ROWS = 4;

    /** Columns of a that {@link #columnTile} takes instead where more would be too many. */
    public static final int FEW_COLUMNS = 4;

    private static final int ROWS = 4;
    private static final int WIDTH = 32;

    @Override
    public int tileRows() {
        return ROWS;
    }

    @Override
    public int panelWidth() {
        return WIDTH;
    }

    @Override
    public int valuesPerWord() {
        return 1;
    }

    @Override
    public void toWords(float[] x, int xOffset, int n, float factor, float[] words, int offset) {
        if (factor == 1) {
            System.arraycopy(x, xOffset, words, offset, n);
        } else {
            for (int i = 0; i < n; i++) {
                words[offset + i] = factor * x[xOffset + i];
            }
        }
    }

    @Override
    public void fromWords(float[] words, int offset, int n, float[] x, int xOffset) {
        System.arraycopy(words, offset, x, xOffset, n);
    }

    @Override
    public void tiles(
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
    public void tile(
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
            int cStride) {
        for (int i = 0; i < rows; i++) {
            int row = cOffset + i * cStride;
            System.arraycopy(from, fromOffset + i * fromStride, c, row, WIDTH);
            int x = aOffset + i * ROW_STRIDE;
            int k = 0;
            for (; k < depth - 1; k += 2) {
                addRows(a[x + k], a[x + k + 1], panel, panelOffset + k * WIDTH, c, row);
            }
            if (k < depth) {
                addRow(a[x + k], panel, panelOffset + k * WIDTH, c, row);
            }
        }
    }

    /** Most columns of a that {@link #columnTile} takes at once; divides {@link #panelWidth}. */
    public int columnTileRows() {
        return ROWS;
    }

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
    public void columnTile(
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
            int cOffset) {
        System.arraycopy(from, fromOffset, c, cOffset, rows * WIDTH);
        for (int k = 0; k < depth; k++) {
            for (int i = 0; i < rows; i++) {
                addRow(a[aOffset + k * aStride + i], panel, panelOffset + k * WIDTH, c, cOffset + i * WIDTH);
            }
        }
    }

    /** Most rows that {@link #sumTile} takes at once. */
    public int sumTileRows() {
        return FEW_SUM_ROWS;
    }

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
    public void sumTile(
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
            int cStride) {
        for (int i = 0; i < rows; i++) {
            int row = cOffset + i * cStride;
            for (int j = 0; j < WIDTH; j++) {
                c[row + j] = x[xOffset + depth * WIDTH + j] + y[yOffset + depth * WIDTH + j];
            }
            for (int k = 0; k < depth; k++) {
                float factor = a[aOffset + i * SUM_STRIDE + k];
                for (int j = 0; j < WIDTH; j++) {
                    c[row + j] += factor * (x[xOffset + k * WIDTH + j] + y[yOffset + k * WIDTH + j]);
                }
            }
        }
    }

    /**
     * Products of a panel of vectors and one vector as complex numbers, pairs (a, b) for {@code a + b i}: for each pair
     * (w0, w1) of w and each vector's pair (q0, q1) the real part of the product with the conjugate, {@code q0 w0 + q1
     * w1}, and its imaginary part, {@code q1 w0 - q0 w1}.
     *
     * @param q {@code 2 pairs} rows of {@link #panelWidth} values without gaps
     * @param w {@code 2 pairs} values
     * @param to receives {@code pairs} rows of real parts, then as many of imaginary parts, without gaps
     */
    public void pairProducts(float[] q, int qOffset, float[] w, int wOffset, int pairs, float[] to, int toOffset) {
        for (int pair = 0; pair < pairs; pair++) {
            float w0 = w[wOffset + 2 * pair];
            float w1 = w[wOffset + 2 * pair + 1];
            int from = qOffset + 2 * pair * WIDTH;
            int real = toOffset + pair * WIDTH;
            int imaginary = real + pairs * WIDTH;
            for (int j = 0; j < WIDTH; j++) {
                float q0 = q[from + j];
                float q1 = q[from + WIDTH + j];
                to[real + j] = q0 * w0 + q1 * w1;
                to[imaginary + j] = q1 * w0 - q0 * w1;
            }
        }
    }

    /**
     * {@code to[n] = even[n] + odd[n]} and {@code to[-n] = even[n] - odd[n]} for rows n from 0 to {@code rows - 1}.
     *
     * @param even rows of {@link #panelWidth} values without gaps
     * @param to rows of as many values, {@code step} apart, number 0 at {@code toOffset}
     */
    public void mirror(float[] even, float[] odd, int rows, float[] to, int toOffset, int step) {
        for (int n = 0; n < rows; n++) {
            for (int j = 0; j < WIDTH; j++) {
                int at = n * WIDTH + j;
                to[toOffset + n * step + j] = even[at] + odd[at];
                to[toOffset - n * step + j] = even[at] - odd[at];
            }
        }
    }

    private static void addRows(float x0, float x1, float[] panel, int p, float[] c, int row) {
        for (int j = 0; j < WIDTH; j++) {
            c[row + j] += x0 * panel[p + j] + x1 * panel[p + WIDTH + j];
        }
    }

    private static void addRow(float x, float[] panel, int p, float[] c, int row) {
        for (int j = 0; j < WIDTH; j++) {
            c[row + j] += x * panel[p + j];
        }
    }
}
