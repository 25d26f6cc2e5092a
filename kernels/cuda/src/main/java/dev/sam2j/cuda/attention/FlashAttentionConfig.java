package dev.sam2j.cuda.attention;

import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.tensor.DType;

/**
 * A variant of {@link FlashAttentionKernel}.
 *
 * @param type half type of queries, keys, values and output
 * @param keyDim columns of a head's queries and keys, a multiple of 8
 * @param valueDim columns of a head's values, a multiple of 8
 * @param warps warps of a block
 * @param rowTiles groups of 16 queries that a warp handles
 * @param keyTile keys per step, a multiple of 16
 * @param windowed whether queries and keys are grouped by windows on a grid
 * @param split whether blocks see a part of the keys and write partial results for {@link AttentionCombineKernel}
 * @param queriesInRegisters whether the query fragments stay in registers instead of being loaded for every tile
 */
public record FlashAttentionConfig(
        DType type,
        int keyDim,
        int valueDim,
        int warps,
        int rowTiles,
        int keyTile,
        boolean windowed,
        boolean split,
        boolean queriesInRegisters)
        implements PtxSource {
    /** Checks the dimensions. */
    public FlashAttentionConfig {
        boolean dimensions = keyDim % 8 == 0 && valueDim % 8 == 0 && keyDim <= 256 && valueDim <= 256;
        if (!dimensions || keyTile % 16 != 0 || windowed && split) {
            throw new IllegalArgumentException("attention: no kernel for " + keyDim + ", " + valueDim + ", " + keyTile);
        }
    }

    /** Queries that a block handles. */
    public int blockQueries() {
        return 16 * rowTiles * warps;
    }

    int paddedKeyDim() {
        return (keyDim + 15) / 16 * 16;
    }

    String entry() {
        return "attention_" + type.label() + "_" + keyDim + "_" + valueDim + "_q" + blockQueries() + "_k" + keyTile
                + (windowed ? "_windows" : "") + (split ? "_split" : "");
    }

    @Override
    public PtxKernel write() {
        return new FlashAttentionKernel(this).write();
    }
}
