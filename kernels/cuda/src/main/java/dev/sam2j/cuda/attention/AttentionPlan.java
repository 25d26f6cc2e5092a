package dev.sam2j.cuda.attention;

import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.tensor.DType;

/**
 * Which attention kernel on tensor cores suits a shape, and how its keys are split.
 *
 * @param config the kernel
 * @param splits number of parts the keys are split into; 1 if the kernel writes the result itself
 * @param keysPerSplit keys of each part but the last, which has at least one
 */
public record AttentionPlan(FlashAttentionConfig config, int splits, int keysPerSplit) {
    private static final int FEW_QUERIES = 16;
    private static final int FEW_KEYS = 64;
    private static final int MAX_WINDOW = 32;
    /** Blocks of one warp that a multiprocessor should run at a time; larger blocks fill it alone. */
    private static final int SMALL_BLOCKS = 8;

    /**
     * A plan for queries that see all keys. Where the blocks would leave multiprocessors idle, the keys are split.
     *
     * @param multiprocessors number of multiprocessors of the device
     */
    public static AttentionPlan global(AttentionShape shape, int multiprocessors) {
        FlashAttentionConfig whole = configure(shape, false);
        PtxKernel.Grid grid = FlashAttentionKernel.grid(whole.blockQueries(), shape, 1);
        long blocks = (long) grid.x() * grid.y() * grid.z();
        int keys = shape.keys();
        int tiles = (keys + whole.keyTile() - 1) / whole.keyTile();
        // each part should have several tiles, or the partial results cost more than the idle multiprocessors
        long room = whole.warps() == 1 ? (long) SMALL_BLOCKS * multiprocessors : multiprocessors;
        int wanted = (int) Math.min(room / blocks, tiles / 4);
        if (wanted < 2) {
            return new AttentionPlan(whole, 1, keys);
        }
        int keysPerSplit = (tiles + wanted - 1) / wanted * whole.keyTile();
        int splits = (keys + keysPerSplit - 1) / keysPerSplit;
        return new AttentionPlan(configure(shape, true), splits, keysPerSplit);
    }

    /**
     * A plan for windows.
     *
     * @param size side of a window on the key grid
     * @param queryStride 1, or 2 for pooled queries
     * @throws IllegalArgumentException if windows are larger than 32 x 32
     */
    public static AttentionPlan windowed(DType type, int keyDim, int valueDim, int size, int queryStride) {
        if (size > MAX_WINDOW) {
            throw new IllegalArgumentException(
                    "attention: expected windows of at most " + MAX_WINDOW + ", got " + size);
        }
        int queries = (size / queryStride) * (size / queryStride);
        FlashAttentionConfig config = queries <= FEW_QUERIES
                ? new FlashAttentionConfig(type, keyDim, valueDim, 1, 1, 16, true, false, true)
                : new FlashAttentionConfig(type, keyDim, valueDim, 4, 1, 64, true, false, true);
        return new AttentionPlan(config, 1, size * size);
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
