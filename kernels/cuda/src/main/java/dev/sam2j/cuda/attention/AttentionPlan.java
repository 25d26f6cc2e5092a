package dev.sam2j.cuda.attention;

import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.tensor.DType;
import java.util.Optional;

/**
 * Which attention kernel on tensor cores suits a shape, and how its keys are split.
 *
 * @param config the kernel
 * @param splits number of parts the keys are split into; 1 if the kernel writes the result itself
 * @param keysPerSplit keys of each part but the last, which has at least one
 */
record AttentionPlan<C extends PtxSource>(C config, int splits, int keysPerSplit) {
    private static final int FEW_QUERIES = 16;
    private static final int FEW_KEYS = 64;
    private static final int MAX_WINDOW = 32;
    /** Blocks of one warp that a multiprocessor should run at a time; larger blocks fill it alone. */
    private static final int SMALL_BLOCKS = 8;

    /** Narrower heads have few keys or few queries in the models. */
    private static final int NARROWEST = 40;

    private static final int HOPPER_FEW_QUERIES = 32;
    private static final int MAX_SPLITS = 8;
    /** What starting a block and joining partial results cost, in steps. */
    private static final int START_STEPS = 2;

    private static final int JOIN_STEPS = 2;

    /**
     * A plan for queries that see all keys. Where the blocks would leave multiprocessors idle, the keys are split.
     *
     * @param multiprocessors number of multiprocessors of the device
     */
    static AttentionPlan<FlashAttentionConfig> global(AttentionShape shape, int multiprocessors) {
        FlashAttentionConfig whole = configure(shape, false);
        PtxKernel.Grid grid = FlashAttentionKernel.grid(whole.blockQueries(), shape, 1);
        long blocks = (long) grid.x() * grid.y() * grid.z();
        int keys = shape.keys();
        int tiles = (keys + whole.keyTile() - 1) / whole.keyTile();
        // each part should have several tiles, or the partial results cost more than the idle multiprocessors
        long room = whole.warps() == 1 ? (long) SMALL_BLOCKS * multiprocessors : multiprocessors;
        int wanted = (int) Math.min(room / blocks, tiles / 4);
        if (wanted < 2) {
            return new AttentionPlan<>(whole, 1, keys);
        }
        int keysPerSplit = (tiles + wanted - 1) / wanted * whole.keyTile();
        int splits = (keys + keysPerSplit - 1) / keysPerSplit;
        return new AttentionPlan<>(configure(shape, true), splits, keysPerSplit);
    }

    /**
     * A plan for {@link HopperAttentionKernel}, or nothing if another kernel is better.
     *
     * @param multiprocessors number of multiprocessors of the device, each of which runs one block at a time
     */
    static Optional<AttentionPlan<HopperAttentionConfig>> hopper(AttentionShape shape, int multiprocessors) {
        int keyDim = shape.keyDim();
        int valueDim = shape.valueDim();
        int keys = shape.keys();
        if (keyDim < NARROWEST || valueDim < NARROWEST || shape.queries() <= HOPPER_FEW_QUERIES || keys <= FEW_KEYS) {
            return Optional.empty();
        }
        PtxKernel.Grid grid = FlashAttentionKernel.grid(HopperAttentionConfig.BLOCK_QUERIES, shape, 1);
        long blocks = (long) grid.x() * grid.y() * grid.z();
        int keyTile =
                HopperAttentionConfig.of(shape.type(), keyDim, valueDim, false).keyTile();
        int steps = (keys + keyTile - 1) / keyTile;
        int bestParts = 1;
        long bestTime = Long.MAX_VALUE;
        for (int parts = 1; parts <= Math.min(MAX_SPLITS, steps); parts++) {
            int stepsOfPart = (steps + parts - 1) / parts;
            long waves = (blocks * parts + multiprocessors - 1) / multiprocessors;
            long time = waves * (stepsOfPart + START_STEPS) + (parts == 1 ? 0 : JOIN_STEPS + parts / 4);
            if (time < bestTime) {
                bestTime = time;
                bestParts = parts;
            }
        }
        int keysPerSplit = (steps + bestParts - 1) / bestParts * keyTile;
        int splits = (keys + keysPerSplit - 1) / keysPerSplit;
        HopperAttentionConfig config = HopperAttentionConfig.of(shape.type(), keyDim, valueDim, splits > 1);
        return Optional.of(new AttentionPlan<>(config, splits, splits == 1 ? keys : keysPerSplit));
    }

    /**
     * A plan for windows.
     *
     * @param size side of a window on the key grid
     * @param queryStride 1, or 2 for pooled queries
     * @throws IllegalArgumentException if windows are larger than 32 x 32
     */
    static AttentionPlan<FlashAttentionConfig> windowed(
            DType type, int keyDim, int valueDim, int size, int queryStride) {
        if (size > MAX_WINDOW) {
            throw new IllegalArgumentException(
                    "attention: expected windows of at most " + MAX_WINDOW + ", got " + size);
        }
        int queries = (size / queryStride) * (size / queryStride);
        FlashAttentionConfig config = queries <= FEW_QUERIES
                ? new FlashAttentionConfig(type, keyDim, valueDim, 1, 1, 16, true, false, true)
                : new FlashAttentionConfig(type, keyDim, valueDim, 4, 1, 64, true, false, true);
        return new AttentionPlan<>(config, 1, size * size);
    }

    private static FlashAttentionConfig configure(AttentionShape shape, boolean split) {
        DType type = shape.type();
        int keyDim = shape.keyDim();
        int valueDim = shape.valueDim();
        if (keyDim > 96) { // the queries of a warp do not fit its registers
            boolean narrow = valueDim <= 64;
            return new FlashAttentionConfig(
                    type, keyDim, valueDim, 4, narrow ? 2 : 1, narrow ? 64 : 32, false, split, false);
        }
        if (shape.queries() <= FEW_QUERIES) {
            return new FlashAttentionConfig(type, keyDim, valueDim, 1, 1, 64, false, split, true);
        }
        return keyDim <= 32
                ? new FlashAttentionConfig(
                        type, keyDim, valueDim, 4, 1, shape.keys() <= FEW_KEYS ? 16 : 64, false, split, true)
                : new FlashAttentionConfig(type, keyDim, valueDim, 4, 2, 32, false, split, true);
    }
}
