package dev.sam2j.cuda.attention;

import dev.sam2j.cuda.ptx.PtxKernel;
import java.util.Optional;

/**
 * Whether {@link HopperAttentionKernel} suits a shape, and how its keys are split.
 *
 * @param config the kernel
 * @param splits number of parts the keys are split into; 1 if the kernel writes the result itself
 * @param keysPerSplit keys of each part but the last, which has at least one
 */
public record HopperAttentionPlan(HopperAttentionConfig config, int splits, int keysPerSplit) {
    /** Narrower heads have few keys or few queries in the models. */
    private static final int NARROWEST = 40;

    private static final int FEW_QUERIES = 32;
    private static final int FEW_KEYS = 64;
    private static final int MAX_SPLITS = 8;
    /** What starting a block and joining partial results cost, in steps. */
    private static final int START_STEPS = 2;

    private static final int JOIN_STEPS = 2;

    /**
     * A plan for queries that see all keys, or nothing if another kernel is better.
     *
     * @param multiprocessors number of multiprocessors of the device, each of which runs one block at a time
     */
    public static Optional<HopperAttentionPlan> of(AttentionShape shape, int multiprocessors) {
        int keyDim = shape.keyDim();
        int valueDim = shape.valueDim();
        int keys = shape.keys();
        if (keyDim < NARROWEST || valueDim < NARROWEST || shape.queries() <= FEW_QUERIES || keys <= FEW_KEYS) {
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
        return Optional.of(new HopperAttentionPlan(config, splits, splits == 1 ? keys : keysPerSplit));
    }
}
