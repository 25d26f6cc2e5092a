package dev.sam2j.kernels.cpu;

/**
 * Two-layer perceptron {@code y = epilogue(f(x W1ᵀ + bias1) W2ᵀ)}, fused: for a block of rows, a piece of the hidden
 * layer is computed and at once multiplied into the sums of the second layer, so it never leaves the cache.
 */
public final class Mlp {
    /** Panels of W1, that is columns of the hidden layer, which are computed at a time. */
    private static final int HIDDEN_PANELS = 8;

    private static final int HIDDEN_SLOT = Gemm.FREE_SLOT;
    private static final int OUTPUT_SLOT = Gemm.FREE_SLOT + 1;

    private final Gemm gemm;
    private final GemmKernel kernel;

    /** Perceptrons by the kernel and threads of {@code gemm}. */
    public Mlp(Gemm gemm) {
        this.gemm = gemm;
        this.kernel = gemm.kernel();
    }

    /**
     * Whether {@link #run} takes these sizes: dot products over x have an even length and there are enough rows to keep
     * all threads busy with whole blocks.
     */
    public boolean suits(int rows, PackedWeights w1) {
        return w1.in() % 2 == 0
                && rows >= 2 * kernel.tileRows() * gemm.parallel().threads();
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
            float[] sums = scratch.floats(OUTPUT_SLOT, Gemm.roundUp(to - from, kernel.tileRows()) * stride);
            for (int panel = 0; panel < w1.panels(); panel += HIDDEN_PANELS) {
                int end = Math.min(panel + HIDDEN_PANELS, w1.panels());
                float[] piece =
                        hiddenPiece(x, xOffset + from * xStride, xStride, to - from, w1, hidden, panel, end, scratch);
                accumulate(piece, to - from, panel * kernel.panelWidth(), w2, sums, stride);
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

    /** Columns of the hidden layer that belong to the panels from {@code panel} to {@code end}. */
    private float[] hiddenPiece(
            float[] x,
            int xOffset,
            int xStride,
            int rows,
            PackedWeights w1,
            GemmEpilogue epilogue,
            int panel,
            int end,
            Scratch scratch) {
        int stride = kernel.strideFor(HIDDEN_PANELS * kernel.panelWidth());
        int first = panel * kernel.panelWidth();
        float[] piece = scratch.floats(HIDDEN_SLOT, rows * stride);
        gemm.block(x, xOffset, xStride, 0, rows, w1, panel, end, scratch, (row, column, n, c, cOffset) -> {
            int to = row * stride + column - first;
            kernel.finish(c, cOffset, epilogue, column, 0, piece, to, n);
            if (n % 2 != 0) {
                piece[to + n] = 0;
            }
        });
        return piece;
    }

    /** {@code sums (+)= piece W2[:, first...]ᵀ}. */
    private void accumulate(float[] piece, int rows, int first, PackedWeights w2, float[] sums, int stride) {
        int width = HIDDEN_PANELS * kernel.panelWidth();
        int pieceStride = kernel.strideFor(width);
        int tileRows = kernel.tileRows();
        int depth = Math.min(width, w2.depth() - first);
        for (int panels = 0; panels < w2.panels(); panels += Gemm.BLOCK_PANELS) {
            int end = Math.min(panels + Gemm.BLOCK_PANELS, w2.panels());
            for (int row = 0; row < rows; row += tileRows) {
                gemm.tiles(
                        Math.min(tileRows, rows - row),
                        piece,
                        row * pieceStride,
                        pieceStride,
                        w2,
                        panels,
                        end,
                        first,
                        depth,
                        sums,
                        row * stride + panels * kernel.panelWidth(),
                        stride);
            }
        }
    }
}
