package dev.sam2j.cpu.products;

import dev.sam2j.cpu.runtime.CpuStorage;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.cpu.runtime.Scratch;
import dev.sam2j.tensor.Tensor;

/**
 * Product of two activations for each batch entry, {@code y = a bᵀ}: a (B, M, K), b (B or 1, N, K), y (B, M, N). Each
 * task packs some rows of b and multiplies all of a by them.
 */
public final class Matmul {
    private static final int PACKED_SLOT = Gemm.FREE_SLOT;
    private static final int WORDS_SLOT = Gemm.FREE_SLOT + 1;

    private Matmul() {}

    /** Multiplies. */
    public static void run(Tensor a, Tensor b, Tensor y, Gemm gemm) {
        Rows left = CpuStorage.rows(a);
        Rows right = CpuStorage.rows(b);
        Rows out = CpuStorage.rows(y);
        // With one b for all, the rows of all entries form one tall matrix.
        int entries = b.dim(0);
        int rows = a.rows() / entries;
        int n = b.dim(1);
        int columns = Gemm.BLOCK_PANELS * gemm.kernel().panelWidth();
        int pieces = (n + columns - 1) / columns;
        gemm.parallel().forEach(entries * pieces, (task, scratch) -> {
            int entry = task / pieces;
            int first = task % pieces * columns;
            int count = Math.min(columns, n - first);
            PackedWeights w = pack(gemm.kernel(), right.from(entry * n + first), count, a.cols(), scratch);
            int base = entry * rows;
            Gemm.Sink sink = (row, column, length, c, cOffset) ->
                    System.arraycopy(c, cOffset, out.data(), out.at(row) + first + column, length);
            for (int row = 0; row < rows; row += Gemm.BLOCK_ROWS) {
                int blockRows = Math.min(Gemm.BLOCK_ROWS, rows - row);
                gemm.block(left.from(base + row), base + row, blockRows, w, 0, w.panels(), scratch, sink);
            }
        });
    }

    private static PackedWeights pack(ProductKernel kernel, Rows b, int rows, int k, Scratch scratch) {
        int width = kernel.panelWidth();
        int depth = kernel.words(k);
        int panels = (rows + width - 1) / width;
        float[] words = scratch.floats(WORDS_SLOT, rows * depth);
        for (int row = 0; row < rows; row++) {
            kernel.toWords(b.data(), b.at(row), k, 1, words, row * depth);
        }
        float[] data = scratch.floats(PACKED_SLOT, panels * depth * width);
        for (int p = 0; p < panels; p++) {
            int first = p * width;
            int count = Math.min(width, rows - first);
            PackedWeights.packPanel(words, first * depth, depth, count, depth, data, first * depth, width);
        }
        return PackedWeights.view(kernel, data, rows, k);
    }
}
