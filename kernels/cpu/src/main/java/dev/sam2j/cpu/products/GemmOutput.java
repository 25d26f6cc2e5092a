package dev.sam2j.cpu.products;

import dev.sam2j.cpu.math.Pointwise;

/** Rows of a matrix that receive a product through an epilogue. */
final class GemmOutput implements Gemm.Sink {
    private final ProductKernel kernel;
    private final GemmEpilogue epilogue;
    private final float[] y;
    private final int offset;
    private final int stride;

    GemmOutput(ProductKernel kernel, GemmEpilogue epilogue, float[] y, int offset, int stride) {
        this.kernel = kernel;
        this.epilogue = epilogue;
        this.y = y;
        this.offset = offset;
        this.stride = stride;
    }

    @Override
    public void accept(int row, int column, int n, float[] c, int cOffset) {
        int residual = epilogue.residualRow(row) + column;
        kernel.finish(c, cOffset, epilogue, column, residual, y, offset + row * stride + column, n);
    }

    /** Whether the epilogue only adds, so that {@link #tiles} can be used. */
    boolean isLinear() {
        return epilogue.function() == Pointwise.NONE && epilogue.scale() == null;
    }

    /**
     * Computes whole tiles where they belong: as many rows as a tile has, by whole panels.
     *
     * @param a a tile of rows, see {@link RowTiles}
     * @param seeds room for tiles of {@link Gemm#BLOCK_PANELS} panels
     */
    void tiles(float[] a, int aOffset, int firstRow, PackedWeights w, int panel, int end, float[] seeds) {
        int width = kernel.panelWidth();
        float[] bias = epilogue.bias() == null ? Gemm.ZEROS : epilogue.bias();
        int step = epilogue.residual() == null ? end - panel : Gemm.BLOCK_PANELS;
        for (int p = panel; p < end; p += step) {
            int count = Math.min(step, end - p);
            int column = p * width;
            float[] from = bias;
            int at = epilogue.bias() == null ? 0 : epilogue.biasOffset() + column;
            int fromStride = 0;
            if (epilogue.residual() != null) {
                fromStride = count * width;
                seed(firstRow, column, fromStride, bias, at, seeds);
                from = seeds;
                at = 0;
            }
            kernel.tiles(
                    kernel.tileRows(),
                    a,
                    aOffset,
                    w.data(),
                    w.position(p, 0),
                    w.panelSize(),
                    count,
                    w.depth(),
                    from,
                    at,
                    fromStride,
                    from == Gemm.ZEROS ? 0 : width,
                    y,
                    offset + firstRow * stride + column,
                    stride);
        }
    }

    /** Writes what is added to {@code n} columns of a tile of rows. */
    private void seed(int firstRow, int column, int n, float[] bias, int biasAt, float[] seeds) {
        for (int i = 0; i < kernel.tileRows(); i++) {
            int residual = epilogue.residualRow(firstRow + i) + column;
            if (bias == Gemm.ZEROS) {
                System.arraycopy(epilogue.residual(), residual, seeds, i * n, n);
            } else {
                kernel.add(epilogue.residual(), residual, bias, biasAt, seeds, i * n, n);
            }
        }
    }
}
