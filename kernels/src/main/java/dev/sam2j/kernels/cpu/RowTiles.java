package dev.sam2j.kernels.cpu;

/**
 * Layout of the rows that tiles multiply ({@link GemmKernel#tile}): the rows of a tile are {@link
 * GemmKernel#ROW_STRIDE} apart. Rows longer than {@link GemmKernel#MAX_DEPTH} are cut into pieces, one set of
 * tiles for each. Tiles stand side by side as long as their columns fit, one band of tiles after the other.
 */
final class RowTiles {
    private final int tileRows;
    private final int columns;
    private final int piece;
    private final int tilesInBand;
    private final int bands;

    /** Layout of {@code rows} rows of {@code columns} values for the tiles of {@code kernel}. */
    RowTiles(GemmKernel kernel, int rows, int columns) {
        this.tileRows = kernel.tileRows();
        this.columns = columns;
        int pieces = (columns + GemmKernel.MAX_DEPTH - 1) / GemmKernel.MAX_DEPTH;
        this.piece = (columns + pieces - 1) / pieces;
        this.tilesInBand = GemmKernel.MAX_DEPTH / piece;
        int tiles = (rows + tileRows - 1) / tileRows;
        this.bands = (tiles + tilesInBand - 1) / tilesInBand;
    }

    /** Floats that the rows take. */
    int size() {
        int pieces = (columns + piece - 1) / piece;
        return pieces * bands * tileRows * GemmKernel.ROW_STRIDE;
    }

    /** Columns of every piece but perhaps the last. */
    int piece() {
        return piece;
    }

    /** Columns of the piece that begins with column {@code k}. */
    int depth(int k) {
        return Math.min(piece, columns - k);
    }

    /** Position of the piece of a row that begins with column {@code k}. */
    int at(int row, int k) {
        int tile = row / tileRows;
        int band = k / piece * bands + tile / tilesInBand;
        return (band * tileRows + row % tileRows) * GemmKernel.ROW_STRIDE + tile % tilesInBand * piece;
    }

    /** Copies a row to its place in {@code tiles}, which begins at {@code tilesOffset}. */
    void copy(float[] x, int xOffset, int row, float[] tiles, int tilesOffset) {
        for (int k = 0; k < columns; k += piece) {
            System.arraycopy(x, xOffset + k, tiles, tilesOffset + at(row, k), depth(k));
        }
    }

    /** Copies the first {@code n} rows, {@code stride} apart. */
    void copy(float[] x, int xOffset, int stride, int n, float[] tiles) {
        for (int row = 0; row < n; row++) {
            copy(x, xOffset + row * stride, row, tiles, 0);
        }
    }
}
