package dev.sam2j.cuda.products;

import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.DType;
import java.util.Locale;

/**
 * A variant of {@link HopperGemmKernel}: the tile of a block and what is done with it.
 *
 * @param factors half type of the factors
 * @param warpgroups groups of 128 threads, each with rows of its own
 * @param rowTiles groups of 64 rows that a warpgroup handles
 * @param columns columns of a tile, a multiple of 16, at most 256
 * @param stages tiles of 64 elements of depth in shared memory, at least 3
 * @param blocks blocks that share a multiprocessor
 * @param activation what the epilogue applies
 * @param out type of destination and residual
 */
public record HopperGemmConfig(
        DType factors,
        int warpgroups,
        int rowTiles,
        int columns,
        int stages,
        int blocks,
        Activation activation,
        DType out)
        implements PtxSource {
    /** Elements of depth per stage: rows of 128 bytes. */
    static final int DEPTH = 64;

    private static final int SHARED_BYTES = 227 << 10;
    /** What a block takes beside its own shared memory. */
    private static final int RESERVED_BYTES = 1 << 10;

    /** Checks the sizes. */
    public HopperGemmConfig {
        if (columns % 16 != 0 || columns < 16 || columns > 256 || stages < 3 || warpgroups < 1 || rowTiles < 1) {
            throw new IllegalArgumentException(
                    "product: no tile of " + warpgroups + " x " + rowTiles + " x 64 rows, " + columns + " columns");
        }
        int bytes = stages * (64 * rowTiles * warpgroups + columns) * DEPTH * 2 + RESERVED_BYTES;
        if (bytes * blocks > SHARED_BYTES + RESERVED_BYTES) {
            throw new IllegalArgumentException("product: " + blocks + " blocks do not fit a multiprocessor");
        }
    }

    /** Rows of a tile. */
    public int rows() {
        return 64 * rowTiles * warpgroups;
    }

    int threads() {
        return 128 * warpgroups;
    }

    int stageBytes() {
        return (rows() + columns) * DEPTH * 2;
    }

    /** Number of tiles of a result. */
    public long tiles(int rowCount, int columnCount) {
        return (long) ((rowCount + rows() - 1) / rows()) * ((columnCount + columns - 1) / columns);
    }

    /** Tile and stages, as in {@code 2x1x256x4}. */
    public String tile() {
        return warpgroups + "x" + rowTiles + "x" + columns + "x" + stages + "x" + blocks;
    }

    String entry() {
        return "gemm_hopper_" + factors.label() + "_" + tile() + "_"
                + activation.name().toLowerCase(Locale.ROOT) + "_" + out.label();
    }

    @Override
    public PtxKernel write() {
        return new HopperGemmKernel(this).write();
    }
}
