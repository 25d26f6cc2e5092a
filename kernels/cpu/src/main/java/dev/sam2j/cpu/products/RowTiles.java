package dev.sam2j.cpu.products;

import dev.sam2j.cpu.runtime.Rows;

/**
 * Layout of the rows that tiles multiply ({@link ProductKernel#tiles}), as words: the rows of a tile are {@link
 * ProductKernel#ROW_STRIDE} apart. Rows longer than {@link ProductKernel#MAX_DEPTH} are cut into pieces, one set of
 * tiles for each. Tiles stand side by side as long as their columns fit, one band of tiles after the other.
 */
public final class RowTiles {
    private final ProductKernel kernel;
    private final int tileRows;
    private final int columns;
    private final int words;
    private final int piece;
    private final int tilesInBand;
    private final int bands;

    /** Layout of {@code rows} rows of {@code columns} values for the tiles of {@code kernel}. */
    public RowTiles(ProductKernel kernel, int rows, int columns) {
        this.kernel = kernel;
        this.tileRows = kernel.tileRows();
        this.columns = columns;
        this.words = kernel.words(columns);
        int pieces = (words + ProductKernel.MAX_DEPTH - 1) / ProductKernel.MAX_DEPTH;
        int even = (words + pieces - 1) / pieces;
        this.piece = pieces == 1 ? words : Gemm.roundUp(even, ProductKernel.WORD_GROUP);
        this.tilesInBand = ProductKernel.MAX_DEPTH / piece;
        int tiles = (rows + tileRows - 1) / tileRows;
        this.bands = (tiles + tilesInBand - 1) / tilesInBand;
    }

    /** Floats that the rows take. */
    public int size() {
        int pieces = (words + piece - 1) / piece;
        return pieces * bands * tileRows * ProductKernel.ROW_STRIDE;
    }

    /** Words of every piece but perhaps the last. */
    public int piece() {
        return piece;
    }

    /** Words of the piece that begins with word {@code k}. */
    public int depth(int k) {
        return Math.min(piece, words - k);
    }

    /** Position of the piece of a row that begins with word {@code k}. */
    public int at(int row, int k) {
        int tile = row / tileRows;
        int band = k / piece * bands + tile / tilesInBand;
        return (band * tileRows + row % tileRows) * ProductKernel.ROW_STRIDE + tile % tilesInBand * piece;
    }

    /** Writes a row of values to its place in {@code tiles}, which begins at {@code tilesOffset}. */
    public void copy(float[] x, int xOffset, int row, float[] tiles, int tilesOffset) {
        int step = piece * kernel.valuesPerWord();
        for (int first = 0; first < columns; first += step) {
            int at = tilesOffset + at(row, first / kernel.valuesPerWord());
            kernel.toWords(x, xOffset + first, Math.min(step, columns - first), 1, tiles, at);
        }
    }

    /** Copies the first {@code n} rows. */
    void copy(Rows x, int n, float[] tiles) {
        for (int row = 0; row < n; row++) {
            copy(x.data(), x.at(row), row, tiles, 0);
        }
    }
}
