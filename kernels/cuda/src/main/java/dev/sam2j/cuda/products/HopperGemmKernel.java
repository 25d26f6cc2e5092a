package dev.sam2j.cuda.products;

import dev.sam2j.cuda.ptx.Activations;
import dev.sam2j.cuda.ptx.Halves;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxMatrix;
import dev.sam2j.cuda.ptx.PtxWriter;
import java.util.Arrays;

/**
 * {@code y = residual + scale * activation(x wᵀ + bias)} on the tensor cores of compute capability 9.0: factors of two
 * bytes, float32 sums, the epilogue in the registers of the sums.
 *
 * <p>Blocks are persistent: each handles tiles that are a grid apart. Factors stream through a ring of stages in shared
 * memory, 64 elements of depth each, by {@code cp.async}; the stream runs on from tile to tile, so that the first
 * stages of the next tile arrive during the epilogue. Rows in a stage are 128 bytes, their 16-byte chunks permuted as
 * {@code wgmma} expects ({@code chunk ^ row % 8}). One block barrier per stage says both that a stage has arrived and
 * that all warps have left the one two before.
 */
public final class HopperGemmKernel {
    private static final int ROW_BYTES = 2 * HopperGemmConfig.DEPTH;
    /** Upper half of a descriptor: 128-byte permutation, 1024 bytes between groups of 8 rows. */
    private static final String DESCRIPTOR_HIGH = String.valueOf(1 << 30 | 1024 >> 4);
    /** The leading offset of the lower half, which this permutation does not use. */
    private static final int DESCRIPTOR_LOW = 1 << 16;

    private final HopperGemmConfig config;
    private final PtxWriter w;
    private final PtxMatrix x;
    private final PtxMatrix weights;
    private final FragmentEpilogue epilogue;
    private final String rows;
    private final String columns;
    private final String depth;
    private final String thread;
    private final String gridBlocks;
    private final String columnTiles;
    private final String tiles;
    private final String steps;
    private final String[][][] sums;
    private final Loader loader;

    HopperGemmKernel(HopperGemmConfig config) {
        this.config = config;
        w = new PtxWriter(
                config.entry(),
                config.threads(),
                PtxWriter.HOPPER,
                "residual + scale * activation(x w^T + bias), "
                        + config.factors().label() + ", tiles of " + config.rows() + " x " + config.columns() + ", "
                        + config.stages() + " stages.");
        w.blocksPerMultiprocessor(config.blocks());
        x = PtxMatrix.parameter(w, "x", config.factors());
        weights = PtxMatrix.parameter(w, "w", config.factors());
        epilogue = new FragmentEpilogue(w, config.out());
        rows = w.integer("rows");
        columns = w.integer("columns");
        depth = w.integer("depth");
        thread = w.i("mov.u32", "%tid.x");
        gridBlocks = w.i("mov.u32", "%nctaid.x");
        columnTiles = tilesOf(columns, config.columns());
        tiles = w.i("mul.lo.s32", columnTiles, tilesOf(rows, config.rows()));
        steps = tilesOf(depth, HopperGemmConfig.DEPTH);
        sums = new String[config.rowTiles()][][];
        Arrays.setAll(sums, tile -> w.fragments(config.columns()));
        loader = new Loader();
    }

    /** As many blocks as the multiprocessors hold, or one for each tile. */
    public static PtxKernel.Grid grid(HopperGemmConfig config, int rows, int columns, int multiprocessors) {
        return new PtxKernel.Grid(
                (int) Math.min(config.tiles(rows, columns), (long) multiprocessors * config.blocks()), 1, 1);
    }

    private String tilesOf(String length, int tile) {
        String padded = w.i("add.s32", length, tile - 1);
        return Integer.bitCount(tile) == 1
                ? w.i("shr.u32", padded, Integer.numberOfTrailingZeros(tile))
                : w.i("div.u32", padded, tile);
    }

    /** The copies, ahead of the products by the stages but two. */
    private final class Loader {
        private final String tile = w.i("mov.u32", "%ctaid.x");
        private final String step = w.i("mov.u32", 0);
        private final String ring = w.shared(config.stages() * config.stageBytes(), 1024);
        private final String ringEnd = w.i("add.s32", ring, config.stages() * config.stageBytes());
        private final String row = w.i("shr.u32", thread, 3);
        private final String chunk = w.i("and.b32", thread, 7);
        private final String offset =
                w.i("mad.lo.s32", row, ROW_BYTES, w.i("shl.b32", w.i("xor.b32", chunk, w.i("and.b32", row, 7)), 4));
        private final String stage = w.i("add.s32", ring, offset);
        private final String stageEnd = w.i("add.s32", ringEnd, offset);
        private final String depthLeft = w.fresh('i');
        private final Part left = new Part(x, config.rows());
        private final Part right = new Part(weights, config.columns());

        /** Starts the copies of one stage, if any are left, and goes on to the next. */
        void load() {
            String end = w.label();
            String same = w.label();
            w.jumpIf(w.p("setp.ge.s32", tile, tiles), end);
            w.jumpIf(w.p("setp.ne.s32", step, 0), same);
            String rowTile = w.i("div.u32", tile, columnTiles);
            String columnTile = w.i("sub.s32", tile, w.i("mul.lo.s32", rowTile, columnTiles));
            left.start(w.i("mul.lo.s32", rowTile, config.rows()), rows);
            right.start(w.i("mul.lo.s32", columnTile, config.columns()), columns);
            w.op("sub.s32", depthLeft, depth, w.i("shl.b32", chunk, 3));
            w.place(same);
            String inside = w.p("setp.gt.s32", depthLeft, 0);
            left.copy(inside, 0);
            right.copy(inside, config.rows() * ROW_BYTES);
            w.op("sub.s32", depthLeft, depthLeft, HopperGemmConfig.DEPTH);
            w.op("add.s32", stage, stage, config.stageBytes());
            String wraps = w.p("setp.ge.s32", stage, stageEnd);
            w.when(wraps, () -> w.op("sub.s32", stage, stage, config.stages() * config.stageBytes()));
            w.op("add.s32", step, step, 1);
            String last = w.p("setp.ge.s32", step, steps);
            w.when(last, () -> {
                w.op("mov.u32", step, 0);
                w.op("add.s32", tile, tile, gridBlocks);
            });
            w.place(end);
            w.bare("cp.async.commit_group");
        }

        /** One factor: a thread copies one chunk of every {@code spacing}-th row. */
        private final class Part {
            private final PtxMatrix matrix;
            private final int count;
            private final int spacing = config.threads() / 8;
            private final String jump;
            private final String source = w.fresh('l');
            private final String rowsLeft = w.fresh('i');

            Part(PtxMatrix matrix, int count) {
                this.matrix = matrix;
                this.count = count;
                jump = w.l("mul.wide.u32", matrix.stride(), 2 * spacing);
            }

            void start(String firstRow, String limit) {
                String own = w.i("add.s32", firstRow, row);
                w.op("mov.b64", source, matrix.at(own, w.i("shl.b32", chunk, 3)));
                w.op("sub.s32", rowsLeft, limit, own);
            }

            void copy(String insideDepth, int at) {
                String there = w.i("selp.b32", rowsLeft, 0, insideDepth);
                String from = source;
                for (int first = 0; first < count; first += spacing) {
                    String bytes = w.i("selp.b32", 16, 0, w.p("setp.gt.s32", there, first));
                    String target = "[" + stage + "+" + (at + first * ROW_BYTES) + "]";
                    String address = "[" + from + "]";
                    String exists = first + spacing > count ? w.p("setp.lt.s32", row, count - first) : null;
                    w.when(exists, () -> w.op("cp.async.cg.shared.global", target, address, 16, bytes));
                    if (first + spacing < count) {
                        from = w.l("add.s64", from, jump);
                    }
                }
                w.op("add.s64", source, source, ROW_BYTES);
            }
        }
    }

    /**
     * The kernel. Parameters: x (rows, depth), its stride, w (columns, depth), its stride, both of the type of factors
     * with rows at multiples of 16 bytes; bias or 0, scale or 0 (float32, one per column), residual or 0, its stride
     * and rows (row r reads residual row r mod that), out, its stride, both of the configuration's type with rows at
     * multiples of 16 bytes; rows, columns and depth, the latter two multiples of 8. {@code out} may be {@code
     * residual} if all its rows are used once.
     */
    PtxKernel write() {
        for (int stage = 0; stage < config.stages() - 2; stage++) {
            loader.load();
        }
        String lane = w.i("and.b32", thread, 31);
        String pair = w.i("shl.b32", w.i("and.b32", lane, 3), 1);
        // warps of a warpgroup have 16 rows each, its row tiles follow each other
        String group = w.i("shr.u32", thread, 7);
        String groupRow = w.i("mul.lo.s32", group, 64 * config.rowTiles());
        String warpRow = w.i("shl.b32", w.i("and.b32", w.i("shr.u32", thread, 5), 3), 4);
        String laneRow = w.i("add.s32", groupRow, w.i("add.s32", warpRow, w.i("shr.u32", lane, 2)));
        String stage = w.i("mov.u32", loader.ring);
        w.loop(
                "%ctaid.x",
                tiles, gridBlocks, tile -> {
                    step(stage, groupRow, "0");
                    String step = w.i("mov.u32", 1);
                    String next = w.label();
                    String last = w.label();
                    w.jumpIf(w.p("setp.le.s32", steps, 1), last);
                    w.place(next);
                    step(stage, groupRow, "1");
                    w.op("add.s32", step, step, 1);
                    w.jumpIf(w.p("setp.lt.s32", step, steps), next);
                    w.place(last);
                    w.op("wgmma.wait_group.sync.aligned", 0);
                    finish(tile, laneRow, pair);
                });
        w.op("cp.async.wait_group", 0); // only empty groups are left
        return w.build();
    }

    /** Multiplies one stage, adding if {@code adds} is not 0, and starts the copies of a later one. */
    private void step(String stage, String groupRow, String adds) {
        w.op("cp.async.wait_group", config.stages() - 3);
        w.bare("fence.proxy.async.shared::cta");
        w.op("bar.sync", 0);
        String a = descriptor(w.i("mad.lo.s32", groupRow, ROW_BYTES, stage));
        String b = descriptor(w.i("add.s32", stage, config.rows() * ROW_BYTES));
        String first = w.p("setp.ne.s32", w.i("mov.u32", adds), 0);
        String others = w.p("setp.ne.s32", w.i("mov.u32", 1), 0);
        w.bare("wgmma.fence.sync.aligned");
        for (int k = 0; k < HopperGemmConfig.DEPTH / 16; k++) {
            String right = k == 0 ? b : w.l("add.s64", b, 2 * k);
            for (int tile = 0; tile < config.rowTiles(); tile++) {
                int offset = 2 * k + tile * 64 * ROW_BYTES / 16;
                String left = offset == 0 ? a : w.l("add.s64", a, offset);
                w.op(
                        "wgmma.mma_async.sync.aligned.m64n" + config.columns() + "k16."
                                + Halves.product(config.factors()),
                        PtxWriter.list(sums[tile]),
                        left,
                        right,
                        k == 0 ? first : others,
                        1,
                        1,
                        0,
                        0);
            }
        }
        w.bare("wgmma.commit_group.sync.aligned");
        loader.load();
        w.op("add.s32", stage, stage, config.stageBytes());
        String wraps = w.p("setp.ge.s32", stage, loader.ringEnd);
        w.when(wraps, () -> w.op("mov.u32", stage, loader.ring));
        w.op("wgmma.wait_group.sync.aligned", 1);
    }

    private String descriptor(String address) {
        String low = w.i("or.b32", w.i("shr.u32", address, 4), DESCRIPTOR_LOW);
        String descriptor = w.fresh('l');
        w.op("mov.b64", descriptor, "{" + low + ", " + w.i("mov.u32", DESCRIPTOR_HIGH) + "}");
        return descriptor;
    }

    private void finish(String tile, String laneRow, String pair) {
        String rowTile = w.i("div.u32", tile, columnTiles);
        String columnTile = w.i("sub.s32", tile, w.i("mul.lo.s32", rowTile, columnTiles));
        String first = w.i("mad.lo.s32", rowTile, config.rows(), laneRow);
        String column = w.i("mul.lo.s32", columnTile, config.columns());
        for (int i = 0; i < config.rowTiles(); i++) {
            String row = i == 0 ? first : w.i("add.s32", first, 64 * i);
            epilogue.store(
                    sums[i],
                    row,
                    rows,
                    column,
                    columns,
                    pair,
                    values -> Activations.apply(w, config.activation(), values));
        }
    }
}
