package dev.sam2j.cpu.products;

import dev.sam2j.cpu.runtime.Scratch;

/**
 * Product of two activations for each batch entry, {@code y = a bᵀ}: a (B, M, K), b (B or 1, N, K), y (B, M, N). Each
 * task packs some rows of b and multiplies all of a by them.
 */
public final class Matmul {
    private static final int PACKED_SLOT = Gemm.FREE_SLOT;
    private static final int WORDS_SLOT = Gemm.FREE_SLOT + 1;

    private final Gemm gemm;
    private final ProductKernel kernel;

    /** Products by the kernel and threads of {@code gemm}. */
    public Matmul(Gemm gemm) {
        this.gemm = gemm;
        this.kernel = gemm.kernel();
    }

    /**
     * Multiplies.
     *
     * @param batch entries of a and y
     * @param m rows of an entry of a and y
     * @param sharedB whether b has one entry for all entries of a
     * @param n rows of an entry of b
     * @param k columns of a and b
     */
    public void run(
            float[] a,
            int aOffset,
            int aStride,
            int batch,
            int m,
            float[] b,
            int bOffset,
            int bStride,
            boolean sharedB,
            int n,
            int k,
            float[] y,
            int yOffset,
            int yStride) {
        // With one b for all, the rows of all entries form one tall matrix.
        int entries = sharedB ? 1 : batch;
        int rows = sharedB ? batch * m : m;
        int columns = Gemm.BLOCK_PANELS * kernel.panelWidth();
        int pieces = (n + columns - 1) / columns;
        gemm.parallel().forEach(entries * pieces, (task, scratch) -> {
            int entry = task / pieces;
            int first = task % pieces * columns;
            int count = Math.min(columns, n - first);
            PackedWeights w = pack(b, bOffset + (entry * n + first) * bStride, bStride, count, k, scratch);
            int start = aOffset + entry * rows * aStride;
            int yStart = yOffset + entry * rows * yStride + first;
            Gemm.Sink sink = (row, column, length, c, cOffset) ->
                    System.arraycopy(c, cOffset, y, yStart + row * yStride + column, length);
            for (int row = 0; row < rows; row += Gemm.BLOCK_ROWS) {
                int blockRows = Math.min(Gemm.BLOCK_ROWS, rows - row);
                gemm.block(a, start + row * aStride, aStride, row, blockRows, w, 0, w.panels(), scratch, sink);
            }
        });
    }

    private PackedWeights pack(float[] b, int offset, int stride, int rows, int k, Scratch scratch) {
        int width = kernel.panelWidth();
        int depth = kernel.words(k);
        int panels = (rows + width - 1) / width;
        float[] words = scratch.floats(WORDS_SLOT, rows * depth);
        for (int row = 0; row < rows; row++) {
            kernel.toWords(b, offset + row * stride, k, 1, words, row * depth);
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
