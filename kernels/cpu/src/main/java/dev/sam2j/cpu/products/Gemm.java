package dev.sam2j.cpu.products;

import dev.sam2j.cpu.rows.RowKernels;
import dev.sam2j.cpu.runtime.CpuStorage;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.cpu.runtime.Scratch;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Tensor;

/**
 * Matrix product {@code y = epilogue(x Wᵀ)}, x (rows, in), W (out, in), y (rows, out).
 *
 * <p>The output is cut into blocks, the tasks of {@link Parallel}: {@link #BLOCK_ROWS} rows and as many panels as keep
 * a block of W in the second-level cache while tile after tile of rows, copied as {@link RowTiles}, passes over it. The
 * rows of a tile stay in the first-level cache meanwhile. Sums are collected in scratch memory, from where the epilogue
 * carries each finished piece of a row to its place while it is still in the cache. So the kernels always see whole
 * tiles, and y may be the residual. Where the epilogue only adds, whole tiles start from what it adds and are written
 * where they belong: the stores then wait for memory beside the arithmetic of the next tile.
 */
public final class Gemm {
    public static final int BLOCK_ROWS = 96;
    /** Panels whose sums are collected before the epilogue takes them. */
    static final int BLOCK_PANELS = 8;
    /** Words of W (512 KiB) that stay in the second-level cache. */
    private static final int CACHED_WEIGHTS = 1 << 17;
    /** Multiply-adds below which a second thread costs more than it brings. */
    private static final long SERIAL_WORK = 1 << 16;

    /**
     * Slots of {@link Scratch}; {@link Mlp}, {@link Conv2d} and {@link Matmul} use those from {@link #FREE_SLOT} on.
     */
    private static final int SUMS_SLOT = 0;

    private static final int TILES_SLOT = 1;
    private static final int SEED_SLOT = 2;
    static final int FREE_SLOT = 3;

    /** Where sums start: one row of zeros, as wide as the widest panel. */
    public static final float[] ZEROS = new float[64];

    /** Takes the finished sums of a block, one piece of a row at a time. */
    interface Sink {
        /**
         * Takes a piece of a row.
         *
         * @param c the sums from {@code cOffset} on; may be overwritten
         * @param n number of columns
         */
        void accept(int row, int column, int n, float[] c, int cOffset);
    }

    private final ProductKernel kernel;
    private final RowKernels loops;
    private final Parallel parallel;

    /** Products by the given kernel, and epilogues by the given loops, on the given threads. */
    public Gemm(ProductKernel kernel, RowKernels loops, Parallel parallel) {
        this.kernel = kernel;
        this.loops = loops;
        this.parallel = parallel;
    }

    /** Multiplies: x (rows, in), w (out, in), y (rows, out), which must not overlap x but may be the residual. */
    public void run(Tensor x, PackedMatrix w, Epilogue epilogue, Tensor y) {
        run(CpuStorage.rows(x), x.rows(), CpuMatrix.weights(w), epilogue, CpuStorage.rows(y));
    }

    /** Multiplies {@code rows} rows of x. */
    public void run(Rows x, int rows, PackedWeights w, Epilogue epilogue, Rows y) {
        run(x, rows, w, output(epilogue, y));
    }

    /** Multiplies and hands every finished piece of a row to {@code sink}, from several threads. */
    void run(Rows x, int rows, PackedWeights w, Sink sink) {
        Blocking blocking = Blocking.of(rows, w, kernel.tileRows(), parallel.threads());
        Parallel.Body body = (task, scratch) -> {
            int firstRow = task % blocking.rowBlocks() * blocking.rows();
            int count = Math.min(blocking.rows(), rows - firstRow);
            int firstPanel = task / blocking.rowBlocks() * blocking.panels();
            int endPanel = Math.min(firstPanel + blocking.panels(), w.panels());
            block(x.from(firstRow), firstRow, count, w, firstPanel, endPanel, scratch, sink);
        };
        parallel.forEach(blocking.tasks(), body);
    }

    /**
     * Multiplies {@code rows} rows by the panels from {@code firstPanel} to {@code endPanel} (exclusive).
     *
     * @param x rows of {@code w.in()} values
     * @param firstRow what the sink calls the first row
     */
    void block(
            Rows x, int firstRow, int rows, PackedWeights w, int firstPanel, int endPanel, Scratch scratch, Sink sink) {
        RowTiles layout = new RowTiles(kernel, rows, w.in());
        float[] tiles = scratch.floats(TILES_SLOT, layout.size());
        layout.copy(x, rows, tiles);
        block(tiles, layout, firstRow, rows, w, firstPanel, endPanel, scratch, sink);
    }

    /** What carries sums through an epilogue to the rows of y. */
    GemmOutput output(Epilogue epilogue, Rows y) {
        return new GemmOutput(kernel, epilogue(epilogue), y);
    }

    GemmEpilogue epilogue(Epilogue epilogue) {
        return new GemmEpilogue(epilogue, loops);
    }

    /** Multiplies rows that are in their layout already. */
    void block(
            float[] x,
            RowTiles layout,
            int firstRow,
            int rows,
            PackedWeights w,
            int firstPanel,
            int endPanel,
            Scratch scratch,
            Sink sink) {
        if (w.depth() > ProductKernel.MAX_DEPTH) {
            for (int panel = firstPanel; panel < endPanel; panel += BLOCK_PANELS) {
                int end = Math.min(panel + BLOCK_PANELS, endPanel);
                deepBlock(x, layout, firstRow, rows, w, panel, end, scratch, sink);
            }
            return;
        }
        int tileRows = kernel.tileRows();
        int stride = BLOCK_PANELS * kernel.panelWidth();
        float[] sums = scratch.floats(SUMS_SLOT, tileRows * stride);
        GemmOutput direct = sink instanceof GemmOutput output && output.isLinear() ? output : null;
        for (int row = 0; row < rows; row += tileRows) {
            int count = Math.min(tileRows, rows - row);
            int at = layout.at(row, 0);
            int panel = firstPanel;
            if (direct != null && count == tileRows) {
                float[] seeds = scratch.floats(SEED_SLOT, tileRows * stride);
                int whole = Math.min(endPanel, w.out() / kernel.panelWidth());
                direct.tiles(x, at, firstRow + row, w, firstPanel, whole, seeds);
                panel = Math.max(firstPanel, whole);
            }
            for (; panel < endPanel; panel += BLOCK_PANELS) {
                int end = Math.min(panel + BLOCK_PANELS, endPanel);
                tiles(count, x, at, w, panel, end, 0, w.depth(), sums, 0, stride);
                deliver(firstRow + row, count, w, panel, end, sums, 0, stride, sink);
            }
        }
    }

    /** Block of a product with long sums, at most {@link #BLOCK_PANELS} wide. */
    private void deepBlock(
            float[] x,
            RowTiles layout,
            int firstRow,
            int rows,
            PackedWeights w,
            int firstPanel,
            int endPanel,
            Scratch scratch,
            Sink sink) {
        int tileRows = kernel.tileRows();
        int stride = BLOCK_PANELS * kernel.panelWidth();
        float[] sums = scratch.floats(SUMS_SLOT, roundUp(rows, tileRows) * stride);
        for (int k = 0; k < w.depth(); k += layout.piece()) {
            int length = layout.depth(k);
            for (int row = 0; row < rows; row += tileRows) {
                int count = Math.min(tileRows, rows - row);
                int at = layout.at(row, k);
                tiles(count, x, at, w, firstPanel, endPanel, k, length, sums, row * stride, stride);
                if (k + length == w.depth()) {
                    deliver(firstRow + row, count, w, firstPanel, endPanel, sums, row * stride, stride, sink);
                }
            }
        }
    }

    /** {@code sums (+)= a W[panels, k...]ᵀ} for the rows of one tile and words from k on; adds where {@code k > 0}. */
    public void tiles(
            int count,
            float[] a,
            int aOffset,
            PackedWeights w,
            int panel,
            int end,
            int k,
            int length,
            float[] sums,
            int sumsOffset,
            int sumsStride) {
        boolean first = k == 0;
        kernel.tiles(
                count,
                a,
                aOffset,
                w.data(),
                w.position(panel, k),
                w.panelSize(),
                end - panel,
                length,
                first ? ZEROS : sums,
                first ? 0 : sumsOffset,
                first ? 0 : sumsStride,
                first ? 0 : kernel.panelWidth(),
                sums,
                sumsOffset,
                sumsStride);
    }

    private void deliver(
            int firstRow,
            int count,
            PackedWeights w,
            int panel,
            int end,
            float[] sums,
            int offset,
            int stride,
            Sink sink) {
        int column = panel * kernel.panelWidth();
        int columns = Math.min(end * kernel.panelWidth(), w.out()) - column;
        for (int i = 0; i < count; i++) {
            sink.accept(firstRow + i, column, columns, sums, offset + i * stride);
        }
    }

    ProductKernel kernel() {
        return kernel;
    }

    /** The threads that products run on. */
    Parallel parallel() {
        return parallel;
    }

    /** The least multiple of {@code multiple} from {@code n} on. */
    public static int roundUp(int n, int multiple) {
        return (n + multiple - 1) / multiple * multiple;
    }

    /** How an output is cut into tasks; tasks that follow each other share a block of W. */
    record Blocking(int rows, int panels, int rowBlocks, int panelBlocks) {
        /** Blocks of the standard size, or smaller ones where there would be too few to keep all threads busy. */
        static Blocking of(int rows, PackedWeights w, int tileRows, int threads) {
            int blockRows = BLOCK_ROWS;
            int most = Math.max(BLOCK_PANELS, CACHED_WEIGHTS / w.panelSize());
            int blockPanels = blocks(w.panels(), blocks(w.panels(), most));
            int wanted = threads == 1 || (long) rows * w.out() * w.in() < SERIAL_WORK ? 1 : 4 * threads;
            while (blocks(rows, blockRows) * blocks(w.panels(), blockPanels) < wanted
                    && (blockRows > 2 * tileRows || blockPanels > 1)) {
                if (blockRows > 2 * tileRows && rows > blockRows / 2) {
                    blockRows = roundUp(blockRows / 2, tileRows);
                } else if (blockPanels > 1) {
                    blockPanels = (blockPanels + 1) / 2;
                } else {
                    blockRows = 2 * tileRows;
                }
            }
            return new Blocking(blockRows, blockPanels, blocks(rows, blockRows), blocks(w.panels(), blockPanels));
        }

        int tasks() {
            return rowBlocks * panelBlocks;
        }

        private static int blocks(int n, int size) {
            return (n + size - 1) / size;
        }
    }
}
