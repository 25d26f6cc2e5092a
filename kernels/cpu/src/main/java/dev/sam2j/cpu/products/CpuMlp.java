package dev.sam2j.cpu.products;

import dev.sam2j.cpu.runtime.CpuStorage;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.fused.Mlp;

/**
 * Two-layer perceptron {@code y = epilogue(f(x W1ᵀ + bias1) W2ᵀ)}, fused: for a block of rows, a piece of the hidden
 * layer is computed and at once multiplied into the sums of the second layer, so it never leaves the cache.
 */
public final class CpuMlp {
    /** Panels of W1, that is columns of the hidden layer, which are computed at a time. */
    private static final int HIDDEN_PANELS = Gemm.BLOCK_PANELS;

    private static final int HIDDEN_SLOT = Gemm.FREE_SLOT;
    private static final int OUTPUT_SLOT = Gemm.FREE_SLOT + 1;
    private static final int INPUT_SLOT = Gemm.FREE_SLOT + 2;

    private CpuMlp() {}

    /**
     * Computes the perceptron if there are enough rows to keep all threads busy with whole blocks.
     *
     * @return whether it did
     */
    public static boolean run(Mlp op, Gemm gemm) {
        boolean suits =
                op.x().rows() >= 2 * gemm.kernel().tileRows() * gemm.parallel().threads();
        if (suits) {
            compute(op, gemm);
        }
        return suits;
    }

    private static void compute(Mlp op, Gemm gemm) {
        Rows in = CpuStorage.rows(op.x());
        PackedWeights w1 = CpuMatrix.weights(op.first().matrix());
        PackedWeights w2 = CpuMatrix.weights(op.second());
        GemmEpilogue hidden = gemm.epilogue(Epilogue.bias(op.first().bias()).with(op.activation()));
        GemmOutput out = gemm.output(op.epilogue(), CpuStorage.rows(op.destination()));
        ProductKernel kernel = gemm.kernel();
        int rows = op.x().rows();
        int blockRows = Gemm.BLOCK_ROWS;
        while (blockRows > kernel.tileRows() && rows < 4 * gemm.parallel().threads() * blockRows) {
            blockRows = Gemm.roundUp(blockRows / 2, kernel.tileRows());
        }
        int stride = w2.panels() * kernel.panelWidth();
        gemm.parallel().forRange(rows, blockRows, (from, to, scratch) -> {
            int n = to - from;
            RowTiles inputs = new RowTiles(kernel, n, w1.in());
            float[] input = scratch.floats(INPUT_SLOT, inputs.size());
            inputs.copy(in.from(from), n, input);
            float[] sums = scratch.floats(OUTPUT_SLOT, Gemm.roundUp(n, kernel.tileRows()) * stride);
            for (int panel = 0; panel < w1.panels(); panel += HIDDEN_PANELS) {
                int column = panel * kernel.panelWidth();
                int end = Math.min(panel + HIDDEN_PANELS, w1.panels());
                RowTiles pieces = new RowTiles(kernel, n, Math.min(end * kernel.panelWidth(), w1.out()) - column);
                float[] piece = scratch.floats(HIDDEN_SLOT, pieces.size());
                // A block is as wide as a piece: its rows are whole.
                gemm.block(
                        input,
                        inputs,
                        0,
                        n,
                        w1,
                        panel,
                        end,
                        scratch,
                        (row, at, count, c, cOffset) ->
                                finishHidden(kernel, hidden, at, count, c, cOffset, piece, pieces.at(row, 0)));
                accumulate(gemm, piece, pieces, n, kernel.words(column), w2, sums, stride);
            }
            for (int i = from; i < to; i++) {
                out.accept(i, 0, w2.out(), sums, (i - from) * stride);
            }
        });
    }

    /** A row of the hidden layer, as words. */
    private static void finishHidden(
            ProductKernel kernel,
            GemmEpilogue hidden,
            int column,
            int n,
            float[] c,
            int cOffset,
            float[] words,
            int offset) {
        if (kernel.valuesPerWord() == 1) {
            hidden.finish(c, cOffset, 0, column, n, words, offset);
        } else {
            hidden.finish(c, cOffset, 0, column, n, c, cOffset);
            kernel.toWords(c, cOffset, n, 1, words, offset);
        }
    }

    /** {@code sums (+)= piece W2[:, first...]ᵀ}, {@code first} in words. */
    private static void accumulate(
            Gemm gemm,
            float[] piece,
            RowTiles layout,
            int rows,
            int first,
            PackedWeights w2,
            float[] sums,
            int stride) {
        int tileRows = gemm.kernel().tileRows();
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
                        row * stride + panels * gemm.kernel().panelWidth(),
                        stride);
            }
        }
    }
}
