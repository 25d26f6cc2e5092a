package dev.sam2j.cpu.products;

/** {@link GemmKernel} in plain Java; the loop over a panel row is simple enough for the compiler to vectorise. */
public final class ScalarGemm implements GemmKernel {
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

    @Override
    public int columnTileRows() {
        return ROWS;
    }

    @Override
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

    @Override
    public int sumTileRows() {
        return FEW_SUM_ROWS;
    }

    @Override
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

    @Override
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

    @Override
    public void mirror(float[] even, float[] odd, int rows, float[] to, int toOffset, int step) {
        for (int n = 0; n < rows; n++) {
            for (int j = 0; j < WIDTH; j++) {
                int at = n * WIDTH + j;
                to[toOffset + n * step + j] = even[at] + odd[at];
                to[toOffset - n * step + j] = even[at] - odd[at];
            }
        }
    }
}
