package dev.sam2j.cpu.products;

import dev.sam2j.cpu.runtime.Rows;

/** Rows of a matrix that receive a product through an epilogue. */
final class GemmOutput implements Gemm.Sink {
    private final ProductKernel kernel;
    private final GemmEpilogue epilogue;
    private final Rows y;

    GemmOutput(ProductKernel kernel, GemmEpilogue epilogue, Rows y) {
        this.kernel = kernel;
        this.epilogue = epilogue;
        this.y = y;
    }

    @Override
    public void accept(int row, int column, int n, float[] c, int cOffset) {
        epilogue.finish(c, cOffset, row, column, n, y.data(), y.at(row) + column);
    }

    /** Whether the epilogue only adds, so that {@link #tiles} can be used. */
    boolean isLinear() {
        return epilogue.isLinear();
    }

    /**
     * Computes whole tiles where they belong: as many rows as a tile has, by whole panels.
     *
     * @param a a tile of rows, see {@link RowTiles}
     * @param seeds room for tiles of {@link Gemm#BLOCK_PANELS} panels
     */
    void tiles(float[] a, int aOffset, int firstRow, PackedWeights w, int panel, int end, float[] seeds) {
        int width = kernel.panelWidth();
        boolean repeat = epilogue.seedsRepeat();
        Rows bias = epilogue.bias();
        int step = repeat ? end - panel : Gemm.BLOCK_PANELS;
        for (int p = panel; p < end; p += step) {
            int count = Math.min(step, end - p);
            int column = p * width;
            float[] from = seeds;
            int at = 0;
            if (!repeat) {
                epilogue.seeds(firstRow, kernel.tileRows(), column, count * width, seeds);
            } else if (bias == null) {
                from = Gemm.ZEROS;
            } else {
                from = bias.data();
                at = bias.offset() + column;
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
                    repeat ? 0 : count * width,
                    from == Gemm.ZEROS ? 0 : width,
                    y.data(),
                    y.at(firstRow) + column,
                    y.stride());
        }
    }
}
