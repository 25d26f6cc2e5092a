package dev.sam2j.kernels.ptx;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Fused attention on the warpgroup tensor cores of compute capability 9.0: parameters and results of
 * {@link FlashAttentionKernel} without windows. A block is two warpgroups of 64 queries each. Queries, keys and values
 * lie in shared memory as they do in global memory, swizzled; the products read the values transposed.
 *
 * <p>Two tiles of keys and of values take turns, and so do two tiles of scores in registers. A step waits for the
 * scores of its tile, starts the scores of the next one, and computes its softmax and starts its output while the
 * tensor cores work on those. One barrier per step: then all threads have seen both new tiles and have left both old
 * ones, whose places are filled next.
 */
public final class HopperAttentionKernel {
    private static final int KEYS_OF_A_PRODUCT = 16;

    private final HopperAttentionConfig config;
    private final PtxWriter w;
    private final AttentionGeometry g;
    private final String thread;
    private final OnlineSoftmax softmax;
    private final String[][][] scores;
    private final String[][] output;
    private String queryMatrix;
    private String keyMatrix;
    private String valueMatrix;
    private String overwrite;
    private String accumulate;

    private HopperAttentionKernel(HopperAttentionConfig config) {
        this.config = config;
        w = new PtxWriter(
                config.entry(),
                config.threads(),
                PtxWriter.HOPPER,
                "softmax(scale q k^T) v, bf16, head dimensions " + config.keyDim() + " and " + config.valueDim() + ", "
                        + HopperAttentionConfig.BLOCK_QUERIES + " queries per block, " + config.keyTile()
                        + " keys per step.");
        g = new AttentionGeometry(
                w,
                ElementType.BF16,
                config.keyDim(),
                config.valueDim(),
                HopperAttentionConfig.BLOCK_QUERIES,
                false,
                config.split());
        thread = w.i("mov.u32", "%tid.x");
        softmax = new OnlineSoftmax(w, g, w.i("and.b32", thread, 31));
        scores = new String[2][config.keyTile() / 8][4];
        output = new String[config.valueDim() / 8][4];
    }

    /** The kernel, with the parameters of {@link FlashAttentionKernel#of}. */
    public static PtxKernel of(HopperAttentionConfig config) {
        return new HopperAttentionKernel(config).write();
    }

    /** Grid: blocks of queries, heads, batch entries times splits. */
    public static PtxKernel.Grid grid(int queries, int heads, int batch, int splits) {
        int perBlock = HopperAttentionConfig.BLOCK_QUERIES;
        return new PtxKernel.Grid((queries + perBlock - 1) / perBlock, heads, batch * splits);
    }

    private PtxKernel write() {
        String shared = w.shared(config.sharedBytes());
        int alignment = HopperAttentionConfig.ALIGNMENT;
        String tiles = w.i("and.b32", w.i("add.s32", shared, alignment - 1), -alignment);
        int keyTiles = config.queryTileBytes();
        int valueTiles = keyTiles + 2 * config.keyTileBytes();
        clearPadding(tiles);
        matrices(tiles, keyTiles, valueTiles);

        int keyTile = config.keyTile();
        copies(config.keyDim(), HopperAttentionConfig.BLOCK_QUERIES, g.q, g.qStride, g.firstQuery)
                .copy(tiles, 0, g.firstQuery, g.queries);
        SwizzledCopy keys = copies(config.keyDim(), keyTile, g.k, g.kStride, g.firstKey);
        SwizzledCopy values = copies(config.valueDim(), keyTile, g.v, g.vStride, g.firstKey);
        String current = w.i("mov.u32", g.firstKey);
        String next = w.i("add.s32", current, keyTile);
        keys.copy(tiles, keyTiles, current, g.endKey);
        w.bare("cp.async.commit_group");
        keys.copy(tiles, keyTiles + config.keyTileBytes(), next, g.endKey);
        values.copy(tiles, valueTiles, current, g.endKey);
        w.bare("cp.async.commit_group");
        start();
        w.op("cp.async.wait_group", 1);
        synchronize();
        w.bare("wgmma.fence.sync.aligned");
        scores(0);

        String loop = w.label();
        String end = w.label();
        String[] last = {w.label(), w.label()};
        w.place(loop);
        for (int turn = 0; turn < 2; turn++) {
            w.comment("tiles of turn " + turn);
            waitForProducts();
            w.op("cp.async.wait_group", 0);
            synchronize();
            w.jumpIf(w.p("setp.ge.s32", next, g.endKey), last[turn]);
            w.bare("wgmma.fence.sync.aligned");
            scores(1 - turn);
            w.op("add.s32", current, current, keyTile);
            w.op("add.s32", next, next, keyTile);
            keys.copy(tiles, keyTiles + turn * config.keyTileBytes(), next, g.endKey);
            values.copy(tiles, valueTiles + (1 - turn) * config.valueTileBytes(), current, g.endKey);
            w.bare("cp.async.commit_group");
            softmax.update(scores[turn], output);
            output(turn);
        }
        w.jump(loop);
        for (int turn = 0; turn < 2; turn++) {
            w.place(last[turn]);
            softmax.mask(scores[turn], w.i("sub.s32", g.endKey, current));
            softmax.update(scores[turn], output);
            output(turn);
            waitForProducts();
            if (turn == 0) {
                w.jump(end);
            }
        }
        w.place(end);
        String warp = w.i("shr.u32", thread, 5);
        String group = w.i("shr.u32", w.i("and.b32", thread, 31), 2);
        softmax.finish(output, w.i("mad.lo.s32", warp, 16, w.i("add.s32", group, g.firstQuery)), config.split());
        return w.build();
    }

    private SwizzledCopy copies(int columns, int rows, String base, String stride, String first) {
        return new SwizzledCopy(w, thread, config.threads(), columns, rows, base, stride, first);
    }

    /** Zeroes the chunk between the head dimension and its padding in all rows of the query and key tiles. */
    private void clearPadding(String tiles) {
        if (config.paddedKeyDim() == config.keyDim()) {
            return;
        }
        int chunk = config.keyDim() / 8;
        int[][] parts = {
            {0, HopperAttentionConfig.BLOCK_QUERIES},
            {config.queryTileBytes(), config.keyTile()},
            {config.queryTileBytes() + config.keyTileBytes(), config.keyTile()}
        };
        for (int[] part : parts) {
            int panel = part[0] + chunk / 8 * part[1] * HopperAttentionConfig.ROW_BYTES;
            w.loop(thread, part[1], config.threads(), row -> {
                String place = w.i("xor.b32", w.i("and.b32", row, 7), chunk % 8);
                String at = w.i("mad.lo.s32", row, HopperAttentionConfig.ROW_BYTES, w.i("shl.b32", place, 4));
                w.op("st.shared.v4.b32", "[" + w.i("add.s32", at, tiles) + "+" + panel + "]", "{0, 0, 0, 0}");
            });
        }
    }

    /**
     * Descriptors of the first tiles: rows of a swizzled panel in groups of 8 (stride 1024 bytes). Values are read
     * across: groups of 8 keys lie 1024 bytes apart, panels of 64 columns a whole panel (the leading offset).
     */
    private void matrices(String tiles, int keyTiles, int valueTiles) {
        String warpgroup = w.i("shr.u32", thread, 7);
        String uniform = w.i("shfl.sync.idx.b32", warpgroup, 0, "0x1f", PtxWriter.ALL_LANES);
        int rows = 64 * HopperAttentionConfig.ROW_BYTES;
        queryMatrix = matrix(w.i("mad.lo.s32", uniform, rows, tiles), 0, 0);
        keyMatrix = matrix(tiles, keyTiles, 0);
        valueMatrix = matrix(tiles, valueTiles, config.keyTile() * HopperAttentionConfig.ROW_BYTES);
        String zero = w.i("mov.u32", 0);
        overwrite = w.p("setp.ne.s32", zero, 0);
        accumulate = w.p("setp.eq.s32", zero, 0);
    }

    private String matrix(String tiles, int offset, int leadingBytes) {
        String start = w.i("shr.u32", w.i("add.s32", tiles, offset), 4);
        long layout = 1L << 62 | 1024L >> 4 << 32 | (long) leadingBytes >> 4 << 16;
        return w.l("or.b64", w.l("cvt.u64.u32", start), layout);
    }

    /** Makes the thread's finished copies visible to the tensor cores, then waits for all threads. */
    private void synchronize() {
        w.bare("fence.proxy.async");
        w.op("bar.sync", 0);
    }

    private void waitForProducts() {
        w.op("wgmma.wait_group.sync.aligned", 0);
    }

    private void start() {
        softmax.start();
        for (String[] fragment : output) {
            for (int i = 0; i < 4; i++) {
                fragment[i] = w.f("mov.f32", PtxWriter.constant(0));
            }
        }
        for (String[][] tile : scores) {
            for (String[] fragment : tile) {
                for (int i = 0; i < 4; i++) {
                    fragment[i] = w.fresh('f');
                }
            }
        }
    }

    private static String list(String[]... registers) {
        return Arrays.stream(registers).flatMap(Arrays::stream).collect(Collectors.joining(", ", "{", "}"));
    }

    private static String product(int columns) {
        return "wgmma.mma_async.sync.aligned.m64n" + columns + "k16.f32.bf16.bf16";
    }

    private String advance(String matrix, int bytes) {
        return bytes == 0 ? matrix : w.l("add.s64", matrix, bytes >> 4);
    }

    /** Starts scores (64, keyTile) = q kᵀ of the tile at {@code turn}. */
    private void scores(int turn) {
        for (int step = 0; step < config.paddedKeyDim() / 16; step++) {
            int panel = 16 * step / HopperAttentionConfig.PANEL;
            int column = 16 * step % HopperAttentionConfig.PANEL * 2;
            int queries = panel * HopperAttentionConfig.BLOCK_QUERIES * HopperAttentionConfig.ROW_BYTES + column;
            int keys = panel * config.keyTile() * HopperAttentionConfig.ROW_BYTES + column;
            w.op(
                    product(config.keyTile()),
                    list(scores[turn]),
                    advance(queryMatrix, queries),
                    advance(keyMatrix, turn * config.keyTileBytes() + keys),
                    step == 0 ? overwrite : accumulate,
                    1,
                    1,
                    0,
                    0);
        }
        w.bare("wgmma.commit_group.sync.aligned");
    }

    /** Starts output (64, valueDim) += probabilities v of the tile at {@code turn}. */
    private void output(int turn) {
        int steps = config.keyTile() / KEYS_OF_A_PRODUCT;
        String[][] probabilities = new String[steps][];
        for (int step = 0; step < steps; step++) {
            probabilities[step] = softmax.probabilities(scores[turn], step);
        }
        w.bare("wgmma.fence.sync.aligned");
        for (int step = 0; step < steps; step++) {
            int keys = step * KEYS_OF_A_PRODUCT * HopperAttentionConfig.ROW_BYTES;
            w.op(
                    product(config.valueDim()),
                    list(output),
                    list(probabilities[step]),
                    advance(valueMatrix, turn * config.valueTileBytes() + keys),
                    accumulate,
                    1,
                    1,
                    1);
        }
        w.bare("wgmma.commit_group.sync.aligned");
    }
}
