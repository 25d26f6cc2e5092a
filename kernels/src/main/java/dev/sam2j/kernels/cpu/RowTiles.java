package dev.sam2j.kernels.cpu;

/**
 * Layout of the rows that tiles multiply ({@link GemmKernel#tile}): the rows of a tile are {@link #STRIDE} apart, a
 * constant, so that one index addresses all of them. Rows longer than {@link #WIDTH} are cut into pieces, one set of
 * tiles for each. Tiles stand side by side as long as their columns fit, one band of tiles after the other.
 */
final class RowTiles {
    /** Most columns of a piece. */
    static final int WIDTH = 512;

    /** Floats from row to row of a tile: an odd number of cache lines, so that rows do not share cache sets. */
    static final int STRIDE = WIDTH + 16;

    private final int tileRows;
    private final int tiles;
    private final int columns;
    private final int lastPiece;
    private final int tilesInLastBand;

    /** Layout of {@code rows} rows of {@code columns} values for the tiles of {@code kernel}. */
    RowTiles(GemmKernel kernel, int rows, int columns) {
        this.tileRows = kernel.tileRows();
        this.tiles = (rows + tileRows - 1) / tileRows;
        this.columns = columns;
        this.lastPiece = (columns - 1) / WIDTH * WIDTH;
        this.tilesInLastBand = WIDTH / (columns - lastPiece);
    }

    /** Floats that the rows take. */
    int size() {
        return ((lastPiece / WIDTH) * tiles + (tiles + tilesInLastBand - 1) / tilesInLastBand) * tileRows * STRIDE;
    }

    /** Position of the piece of a row that begins with column {@code k}, a multiple of {@link #WIDTH}. */
    int at(int row, int k) {
        int tile = row / tileRows;
        int inTile = row - tile * tileRows;
        if (k < lastPiece) {
            return ((k / WIDTH * tiles + tile) * tileRows + inTile) * STRIDE;
        }
        int band = lastPiece / WIDTH * tiles + tile / tilesInLastBand;
        return (band * tileRows + inTile) * STRIDE + tile % tilesInLastBand * (columns - lastPiece);
    }

    /** Columns of the piece that begins with column {@code k}. */
    int depth(int k) {
        return Math.min(WIDTH, columns - k);
    }

    /** Copies a row to its place in {@code tiles}, which begins at {@code tilesOffset}. */
    void copy(float[] x, int xOffset, int row, float[] tiles, int tilesOffset) {
        for (int k = 0; k < columns; k += WIDTH) {
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
