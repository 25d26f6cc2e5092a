package dev.sam2j.kernels.cpu;

/** Rows of a matrix that receive a product through an epilogue. */
final class GemmOutput implements Gemm.Sink {
    private final GemmKernel kernel;
    private final GemmEpilogue epilogue;
    private final float[] y;
    private final int offset;
    private final int stride;

    GemmOutput(GemmKernel kernel, GemmEpilogue epilogue, float[] y, int offset, int stride) {
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
     * @param seeds room for a tile
     */
    void tiles(float[] a, int aOffset, int firstRow, PackedWeights w, int panel, int end, float[] seeds) {
        int width = kernel.panelWidth();
        float[] bias = epilogue.bias() == null ? Gemm.ZEROS : epilogue.bias();
        for (int p = panel; p < end; p++) {
            int column = p * width;
            float[] from = bias;
            int at = epilogue.bias() == null ? 0 : epilogue.biasOffset() + column;
            if (epilogue.residual() != null) {
                for (int i = 0; i < kernel.tileRows(); i++) {
                    int residual = epilogue.residualRow(firstRow + i) + column;
                    kernel.add(epilogue.residual(), residual, bias, at, seeds, i * width, width);
                }
                from = seeds;
                at = 0;
            }
            kernel.tile(
                    kernel.tileRows(),
                    a,
                    aOffset,
                    w.data(),
                    w.position(p, 0),
                    w.in(),
                    from,
                    at,
                    from == seeds ? width : 0,
                    y,
                    offset + firstRow * stride + column,
                    stride);
        }
    }
}
