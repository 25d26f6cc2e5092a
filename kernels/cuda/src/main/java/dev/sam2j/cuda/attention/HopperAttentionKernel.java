package dev.sam2j.cuda.attention;

import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxMatrix;
import dev.sam2j.cuda.ptx.PtxWriter;

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
    private final HopperAttentionConfig config;
    private final PtxWriter w;
    private final AttentionGeometry g;
    private final String thread;
    private final OnlineSoftmax softmax;
    private final WarpgroupProducts products;
    private final String[][][] scores;
    private final String[][] output;
    private String queryMatrix;
    private String keyMatrix;
    private String valueMatrix;

    HopperAttentionKernel(HopperAttentionConfig config) {
        this.config = config;
        w = new PtxWriter(
                config.entry(),
                config.threads(),
                PtxWriter.HOPPER,
                "softmax(scale q k^T) v, " + config.type().label() + ", head dimensions " + config.keyDim() + " and "
                        + config.valueDim() + ", "
                        + HopperAttentionConfig.BLOCK_QUERIES + " queries per block, " + config.keyTile()
                        + " keys per step.");
        g = new AttentionGeometry(
                w,
                config.type(),
                config.keyDim(),
                config.valueDim(),
                HopperAttentionConfig.BLOCK_QUERIES,
                false,
                config.split());
        thread = w.i("mov.u32", "%tid.x");
        softmax = new OnlineSoftmax(w, g, w.i("and.b32", thread, 31));
        products = new WarpgroupProducts(w, config.type());
        scores = new String[][][] {w.fragments(config.keyTile()), w.fragments(config.keyTile())};
        output = w.fragments(config.valueDim());
    }

    /** The kernel, with the parameters of {@link FlashAttentionKernel#write}. */
    PtxKernel write() {
        String shared = w.shared(config.sharedBytes());
        int alignment = HopperAttentionConfig.ALIGNMENT;
        String tiles = w.i("and.b32", w.i("add.s32", shared, alignment - 1), -alignment);
        int keyTiles = config.queryTileBytes();
        int valueTiles = keyTiles + 2 * config.keyTileBytes();
        clearPadding(tiles, 0, HopperAttentionConfig.BLOCK_QUERIES);
        clearPadding(tiles, keyTiles, config.keyTile());
        clearPadding(tiles, keyTiles + config.keyTileBytes(), config.keyTile());
        matrices(tiles, keyTiles, valueTiles);

        int keyTile = config.keyTile();
        copies(config.keyDim(), HopperAttentionConfig.BLOCK_QUERIES, g.q, g.firstQuery)
                .copy(tiles, 0, g.firstQuery, g.queries);
        SwizzledCopy keys = copies(config.keyDim(), keyTile, g.k, g.firstKey);
        SwizzledCopy values = copies(config.valueDim(), keyTile, g.v, g.firstKey);
        String current = w.i("mov.u32", g.firstKey);
        String next = w.i("add.s32", current, keyTile);
        keys.copy(tiles, keyTiles, current, g.endKey);
        w.bare("cp.async.commit_group");
        keys.copy(tiles, keyTiles + config.keyTileBytes(), next, g.endKey);
        values.copy(tiles, valueTiles, current, g.endKey);
        w.bare("cp.async.commit_group");
        start();
        w.op("cp.async.wait_group", 1);
        products.synchronize();
        scores(0);

        String loop = w.label();
        String end = w.label();
        String[] last = {w.label(), w.label()};
        w.place(loop);
        for (int turn = 0; turn < 2; turn++) {
            w.comment("tiles of turn " + turn);
            products.await();
            w.op("cp.async.wait_group", 0);
            products.synchronize();
            w.jumpIf(w.p("setp.ge.s32", next, g.endKey), last[turn]);
            scores(1 - turn);
            w.op("add.s32", current, current, keyTile);
            w.op("add.s32", next, next, keyTile);
            // without a jump the assembler would move the products below most of the softmax
            String noKeys = w.label();
            w.jumpIf(w.p("setp.ge.s32", next, g.endKey), noKeys);
            keys.copy(tiles, keyTiles + turn * config.keyTileBytes(), next, g.endKey);
            w.place(noKeys);
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
            products.await();
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

    private SwizzledCopy copies(int columns, int rows, PtxMatrix source, String first) {
        return new SwizzledCopy(w, thread, config.threads(), columns, rows, source, first);
    }

    private void clearPadding(String tiles, int offset, int rows) {
        WarpgroupProducts.clearPadding(w, thread, config.threads(), tiles, offset, config.keyDim(), rows);
    }

    /** Descriptors of the warpgroup's queries and of the first tiles. */
    private void matrices(String tiles, int keyTiles, int valueTiles) {
        int rows = WarpgroupProducts.ROWS * HopperAttentionConfig.ROW_BYTES;
        queryMatrix = products.rows(w.i("mad.lo.s32", WarpgroupProducts.warpgroup(w, thread), rows, tiles), 0);
        keyMatrix = products.rows(tiles, keyTiles);
        valueMatrix = products.across(tiles, valueTiles, config.keyTile());
    }

    private void start() {
        softmax.start();
        for (String[] fragment : output) {
            for (String sum : fragment) {
                w.op("mov.f32", sum, PtxWriter.constant(0));
            }
        }
    }

    /** Starts the scores of the tile at {@code turn}. */
    private void scores(int turn) {
        products.scores(
                scores[turn],
                queryMatrix,
                HopperAttentionConfig.BLOCK_QUERIES,
                keyMatrix,
                config.keyTile(),
                turn * config.keyTileBytes(),
                config.keyDim());
    }

    /** Starts the output of the tile at {@code turn}. */
    private void output(int turn) {
        products.output(
                output, softmax.probabilities(scores[turn]), valueMatrix, turn * config.valueTileBytes(), false);
    }
}
