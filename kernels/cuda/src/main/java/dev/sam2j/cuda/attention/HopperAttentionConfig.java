package dev.sam2j.cuda.attention;

import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;

/**
 * A variant of {@link HopperAttentionKernel}.
 *
 * @param type half type of queries, keys, values and output
 * @param keyDim columns of a head's queries and keys, a multiple of 8
 * @param valueDim columns of a head's values, a multiple of 8
 * @param keyTile keys per step, a multiple of 16
 * @param split whether blocks see a part of the keys and write partial results for {@link AttentionCombineKernel}
 */
public record HopperAttentionConfig(DType type, int keyDim, int valueDim, int keyTile, boolean split)
        implements PtxSource {
    /** Queries that a block handles. */
    public static final int BLOCK_QUERIES = 128;

    static final int WARPGROUPS = 2;
    /** Columns of a tile are stored in panels of 64: rows of 128 bytes, as wide as the widest swizzle. */
    static final int PANEL = 64;

    static final int ROW_BYTES = 128;
    /** Swizzled tiles start at multiples of this. */
    static final int ALIGNMENT = 1024;

    private static final int SHARED_BYTES = 227 << 10;
    /** What two tiles of scores, one of probabilities and the output may take of a thread's 255 registers. */
    private static final int TILE_REGISTERS = 208;

    /** Checks the dimensions. */
    public HopperAttentionConfig {
        boolean dimensions = keyDim % 8 == 0 && valueDim % 8 == 0 && keyDim <= 256 && valueDim <= 256;
        if (!dimensions || keyTile % 16 != 0 || keyTile > 256) {
            throw new IllegalArgumentException("attention: no kernel for " + keyDim + ", " + valueDim + ", " + keyTile);
        }
    }

    /** The variant with the largest tiles that fit registers and shared memory. */
    public static HopperAttentionConfig of(DType type, int keyDim, int valueDim, boolean split) {
        HopperAttentionConfig wide = new HopperAttentionConfig(type, keyDim, valueDim, 128, split);
        boolean fits = wide.sharedBytes() <= SHARED_BYTES && wide.tileRegisters() <= TILE_REGISTERS;
        return fits ? wide : new HopperAttentionConfig(type, keyDim, valueDim, 64, split);
    }

    private int tileRegisters() {
        return 2 * keyTile / 2 + keyTile / 4 + valueDim / 2;
    }

    int threads() {
        return WARPGROUPS * 4 * PtxWriter.WARP;
    }

    int queryTileBytes() {
        return WarpgroupProducts.tileBytes(keyDim, BLOCK_QUERIES);
    }

    int keyTileBytes() {
        return WarpgroupProducts.tileBytes(keyDim, keyTile);
    }

    int valueTileBytes() {
        return WarpgroupProducts.tileBytes(valueDim, keyTile);
    }

    int sharedBytes() {
        return ALIGNMENT + queryTileBytes() + 2 * keyTileBytes() + 2 * valueTileBytes();
    }

    String entry() {
        return "attention_wgmma_" + type.label() + "_" + keyDim + "_" + valueDim + "_k" + keyTile
                + (split ? "_split" : "");
    }

    @Override
    public PtxKernel write() {
        return new HopperAttentionKernel(this).write();
    }
}
