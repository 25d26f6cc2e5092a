package dev.sam2j.cuda.attention;

import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;
import java.util.Optional;

/**
 * A variant of {@link HopperWindowKernel}.
 *
 * @param type half type of queries, keys, values and output
 * @param keyDim columns of a head's queries and keys, a multiple of 8
 * @param valueDim columns of a head's values, a multiple of 8
 * @param warpgroups groups of 64 queries that a block handles
 * @param keyTile keys per step, a multiple of 16
 * @param steps tiles of keys that a window has at most
 */
public record HopperWindowConfig(DType type, int keyDim, int valueDim, int warpgroups, int keyTile, int steps)
        implements PtxSource {
    /** Narrower heads have no windows in the models, wider ones do not fit the registers. */
    private static final int NARROWEST = 40;

    private static final int WIDEST = 96;
    /** Fewer queries would leave most rows of a product empty. */
    private static final int FEW_QUERIES = 16;

    private static final int MAX_WARPGROUPS = 4;
    private static final int MAX_KEYS = 256;
    /** What scores, probabilities and output may take of a thread's 128 registers. */
    private static final int TILE_REGISTERS = 96;

    /** Checks the dimensions. */
    public HopperWindowConfig {
        boolean dimensions = keyDim % 8 == 0 && valueDim % 8 == 0 && keyDim <= WIDEST && valueDim <= WIDEST;
        if (!dimensions || keyTile % 16 != 0 || warpgroups > MAX_WARPGROUPS || keyTile * steps > MAX_KEYS + 32) {
            throw new IllegalArgumentException("attention: no kernel for windows of " + keyTile + " x " + steps
                    + " keys, head dimensions " + keyDim + " and " + valueDim);
        }
    }

    /**
     * The variant for windows, or nothing if {@link FlashAttentionKernel} suits them better: all keys of a window stay
     * in shared memory, which pays only if the queries of the window fill the multiprocessor.
     *
     * @param size side of a window on the key grid
     * @param queryStride 1, or 2 for pooled queries
     */
    public static Optional<HopperWindowConfig> of(DType type, int keyDim, int valueDim, int size, int queryStride) {
        int narrower = Math.min(keyDim, valueDim);
        int wider = Math.max(keyDim, valueDim);
        int queries = (size / queryStride) * (size / queryStride);
        int keys = size * size;
        if (narrower < NARROWEST || wider > WIDEST || queries <= FEW_QUERIES || keys > MAX_KEYS) {
            return Optional.empty();
        }
        int groups = (queries + WarpgroupProducts.ROWS - 1) / WarpgroupProducts.ROWS;
        if (groups == 1 && keys > WarpgroupProducts.ROWS) {
            return Optional.empty();
        }
        int largest = 4 * (TILE_REGISTERS - valueDim / 2) / 3 / 16 * 16;
        int steps = (keys + largest - 1) / largest;
        int keyTile = ((keys + steps - 1) / steps + 15) / 16 * 16;
        return Optional.of(
                new HopperWindowConfig(type, keyDim, valueDim, Math.min(groups, MAX_WARPGROUPS), keyTile, steps));
    }

    /** Queries that a block handles. */
    public int blockQueries() {
        return warpgroups * WarpgroupProducts.ROWS;
    }

    int threads() {
        return warpgroups * 4 * PtxWriter.WARP;
    }

    int keys() {
        return keyTile * steps;
    }

    int queryBytes() {
        return WarpgroupProducts.tileBytes(keyDim, blockQueries());
    }

    int keyBytes() {
        return WarpgroupProducts.tileBytes(keyDim, keys());
    }

    int sharedBytes() {
        return HopperAttentionConfig.ALIGNMENT
                + queryBytes()
                + keyBytes()
                + WarpgroupProducts.tileBytes(valueDim, keys());
    }

    String entry() {
        return "attention_wgmma_" + type.label() + "_" + keyDim + "_" + valueDim + "_q" + blockQueries() + "_k"
                + keyTile + "x" + steps + "_windows";
    }

    @Override
    public PtxKernel write() {
        return new HopperWindowKernel(this).write();
    }
}
