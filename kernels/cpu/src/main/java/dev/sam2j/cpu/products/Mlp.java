package dev.sam2j.cpu.products;

/**
 * Two-layer perceptron {@code y = epilogue(f(x W1ᵀ + bias1) W2ᵀ)}, fused: for a block of rows, a piece of the hidden
 * layer is computed and at once multiplied into the sums of the second layer, so it never leaves the cache.
 */
public final class Mlp {
    /** Panels of W1, that is columns of the hidden layer, which are computed at a time. */
    private static final int HIDDEN_PANELS = Gemm.BLOCK_PANELS;

    private static final int HIDDEN_SLOT = Gemm.FREE_SLOT;
    private static final int OUTPUT_SLOT = Gemm.FREE_SLOT + 1;
    private static final int INPUT_SLOT = Gemm.FREE_SLOT + 2;

    private final Gemm gemm;
    private final ProductKernel kernel;

    /** Perceptrons by the kernel and threads of {@code gemm}. */
    public Mlp(Gemm gemm) {
        this.gemm = gemm;
        this.kernel = gemm.kernel();
    }

    /** Whether {@link #run} is worthwhile: there are enough rows to keep all threads busy with whole blocks. */
    public boolean suits(int rows) {
        return rows >= 2 * kernel.tileRows() * gemm.parallel().threads();
    }

    /**
     * Computes the perceptron.
     *
     * @param x {@code rows} rows of {@code w1.in()} values, {@code xStride} apart
     * @param hidden epilogue of the first layer, without residual
     * @param w2 (out, w1.out())
     * @param y rows of {@code w2.out()} values, {@code yStride} apart; may be the residual of {@code epilogue}, not x
     */
    public void run(
            float[] x,
            int xOffset,
            int xStride,
            int rows,
            PackedWeights w1,
            GemmEpilogue hidden,
            PackedWeights w2,
            GemmEpilogue epilogue,
            float[] y,
            int yOffset,
            int yStride) {
        int blockRows = Gemm.BLOCK_ROWS;
        while (blockRows > kernel.tileRows() && rows < 4 * gemm.parallel().threads() * blockRows) {
            blockRows = Gemm.roundUp(blockRows / 2, kernel.tileRows());
        }
        int stride = w2.panels() * kernel.panelWidth();
        gemm.parallel().forRange(rows, blockRows, (from, to, scratch) -> {
            int n = to - from;
            RowTiles inputs = new RowTiles(kernel, n, w1.in());
            float[] input = scratch.floats(INPUT_SLOT, inputs.size());
            inputs.copy(x, xOffset + from * xStride, xStride, n, input);
            float[] sums = scratch.floats(OUTPUT_SLOT, Gemm.roundUp(n, kernel.tileRows()) * stride);
            for (int panel = 0; panel < w1.panels(); panel += HIDDEN_PANELS) {
                int first = panel * kernel.panelWidth();
                int end = Math.min(panel + HIDDEN_PANELS, w1.panels());
                RowTiles pieces = new RowTiles(kernel, n, Math.min(end * kernel.panelWidth(), w1.out()) - first);
                float[] piece = scratch.floats(HIDDEN_SLOT, pieces.size());
                gemm.block(input, inputs, 0, n, w1, panel, end, scratch, (row, column, count, c, cOffset) -> {
                    // A block is as wide as a piece: its rows are whole.
                    kernel.finishToWords(c, cOffset, hidden, column, count, piece, pieces.at(row, 0));
                });
                accumulate(piece, pieces, n, kernel.words(first), w2, sums, stride);
            }
            for (int i = from; i < to; i++) {
                kernel.finish(
                        sums,
                        (i - from) * stride,
                        epilogue,
                        0,
                        epilogue.residualRow(i),
                        y,
                        yOffset + i * yStride,
                        w2.out());
            }
        });
    }

    /** {@code sums (+)= piece W2[:, first...]ᵀ}, {@code first} in words. */
    private void accumulate(
            float[] piece, RowTiles layout, int rows, int first, PackedWeights w2, float[] sums, int stride) {
        int tileRows = kernel.tileRows();
        for (int panels = 0; panels < w2.panels(); panels += Gemm.BLOCK_PANELS) {
            int end = Math.min(panels + Gemm.BLOCK_PANELS, w2.panels());
            for (int row = 0; row < rows; row += tileRows) {
                gemm.tiles(
                        Math.min(tileRows, rows - row),
                        piece,
                        layout.at(row, 0),
                        w2,
                        panels,
                        end,
                        first,
                        layout.depth(0),
                        sums,
                        row * stride + panels * kernel.panelWidth(),
                        stride);
            }
        }
    }
}
