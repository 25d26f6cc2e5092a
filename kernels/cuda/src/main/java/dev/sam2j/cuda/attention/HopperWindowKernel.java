package dev.sam2j.cuda.attention;

import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxWriter;

/**
 * Fused attention within windows on the warpgroup tensor cores of compute capability 9.0: parameters and results of
 * {@link FlashAttentionKernel} with windows. A block handles queries of one window and head, each warpgroup 64 of them.
 * All keys and values of the window are copied at once and stay in shared memory, so that the warpgroups run on their
 * own from the second product on: while some compute their softmax, others keep the tensor cores busy.
 */
public final class HopperWindowKernel {
    /** Blocks of one warpgroup that share a multiprocessor. */
    private static final int SMALL_BLOCKS = 4;

    private final HopperWindowConfig config;
    private final PtxWriter w;
    private final AttentionGeometry g;
    private final String thread;
    private final OnlineSoftmax softmax;
    private final WarpgroupProducts products;
    private final String[][] scores;
    private final String[][] output;
    private String queryMatrix;
    private String keyMatrix;
    private String valueMatrix;
    /** Keys of the window from the current tile on. */
    private String left;

    HopperWindowKernel(HopperWindowConfig config) {
        this.config = config;
        w = new PtxWriter(
                config.entry(),
                config.threads(),
                PtxWriter.HOPPER,
                "softmax(scale q k^T) v in windows, " + config.type().label() + ", head dimensions " + config.keyDim()
                        + " and "
                        + config.valueDim() + ", " + config.blockQueries() + " queries per block, " + config.steps()
                        + " x " + config.keyTile() + " keys.");
        if (config.warpgroups() == 1) {
            w.blocksPerMultiprocessor(SMALL_BLOCKS);
        }
        g = new AttentionGeometry(
                w, config.type(), config.keyDim(), config.valueDim(), config.blockQueries(), true, false);
        thread = w.i("mov.u32", "%tid.x");
        softmax = new OnlineSoftmax(w, g, w.i("and.b32", thread, 31));
        products = new WarpgroupProducts(w, config.type());
        scores = w.fragments(config.keyTile());
        output = w.fragments(config.valueDim());
    }

    /**
     * The kernel, with the parameters of {@link FlashAttentionKernel#write}; launched over
     * {@link FlashAttentionKernel#windowGrid}.
     */
    PtxKernel write() {
        int keyTile = config.keyTile();
        int alignment = HopperAttentionConfig.ALIGNMENT;
        String tiles = w.i("and.b32", w.i("add.s32", w.shared(config.sharedBytes()), alignment - 1), -alignment);
        int keysAt = config.queryBytes();
        int valuesAt = keysAt + config.keyBytes();
        clearPadding(tiles, 0, config.blockQueries());
        clearPadding(tiles, keysAt, config.keys());

        copies(config.keyDim(), config.blockQueries()).copy(tiles, 0, 0, config.blockQueries(), g::querySource);
        SwizzledGather keys = copies(config.keyDim(), config.keys());
        SwizzledGather values = copies(config.valueDim(), config.keys());
        for (int first = 0; first < config.keys(); first += keyTile) {
            keys.copy(tiles, keysAt, first, keyTile, g::keySource);
            if (first == 0) {
                w.bare("cp.async.commit_group");
            }
            values.copy(tiles, valuesAt, first, keyTile, g::valueSource);
        }
        w.bare("cp.async.commit_group");

        int rows = WarpgroupProducts.ROWS * HopperAttentionConfig.ROW_BYTES;
        queryMatrix = products.rows(w.i("mad.lo.s32", WarpgroupProducts.warpgroup(w, thread), rows, tiles), 0);
        keyMatrix = products.rows(tiles, keysAt);
        valueMatrix = products.across(tiles, valuesAt, config.keys());
        left = w.i("mov.u32", g.keys);
        softmax.start();
        w.op("cp.async.wait_group", 1);
        products.synchronize();
        weights(new String[0][]);
        w.op("cp.async.wait_group", 0);
        products.synchronize();
        products.output(output, softmax.probabilities(scores), valueMatrix, 0, true);
        if (config.steps() > 1) {
            moreKeys();
        }
        products.await();
        String warp = w.i("shr.u32", thread, 5);
        String group = w.i("shr.u32", w.i("and.b32", thread, 31), 2);
        softmax.finish(output, w.i("mad.lo.s32", warp, 16, w.i("add.s32", group, g.firstQuery)), false);
        return w.build();
    }

    /** The other tiles of keys: a tile's scores follow the output of the tile before in the queue of products. */
    private void moreKeys() {
        String loop = w.label();
        String end = w.label();
        w.jumpIf(w.p("setp.le.s32", left, config.keyTile()), end);
        w.place(loop);
        int tile = config.keyTile() * HopperAttentionConfig.ROW_BYTES >> 4;
        w.op("add.s64", keyMatrix, keyMatrix, tile);
        w.op("add.s64", valueMatrix, valueMatrix, tile);
        w.op("sub.s32", left, left, config.keyTile());
        weights(output);
        products.output(output, softmax.probabilities(scores), valueMatrix, 0, false);
        w.jumpIf(w.p("setp.gt.s32", left, config.keyTile()), loop);
        w.place(end);
    }

    /** Turns a tile of keys into weights, relative to the largest score so far like the output. */
    private void weights(String[][] outputSoFar) {
        products.scores(scores, queryMatrix, config.blockQueries(), keyMatrix, config.keys(), 0, config.keyDim());
        products.await();
        String full = w.label();
        w.jumpIf(w.p("setp.ge.s32", left, config.keyTile()), full);
        softmax.mask(scores, left);
        w.place(full);
        softmax.update(scores, outputSoFar);
    }

    private SwizzledGather copies(int columns, int rows) {
        return new SwizzledGather(w, thread, config.threads(), columns, rows);
    }

    private void clearPadding(String tiles, int offset, int rows) {
        WarpgroupProducts.clearPadding(w, thread, config.threads(), tiles, offset, config.keyDim(), rows);
    }
}
