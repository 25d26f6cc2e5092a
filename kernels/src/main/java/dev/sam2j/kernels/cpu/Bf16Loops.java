package dev.sam2j.kernels.cpu;

/**
 * The innermost loops on bfloat16 factors. A word of a row that is a factor by itself holds two values of that row,
 * half a group of 32 apart ({@link #toWords}); a word of rows that are multiplied column by column holds the values
 * of two rows ({@link #pairRows}).
 */
interface Bf16Loops {
    /** Words in a vector. */
    int LANES = 16;

    /** Columns of a panel. */
    int PANEL_WIDTH = 2 * LANES;

    /** Rows of the largest tile. */
    int TILE_ROWS = 12;

    /** What runs, for people. */
    String description();

    /** See {@link ProductKernel#toWords}. */
    void toWords(float[] x, int xOffset, int n, float factor, float[] words, int offset);

    /**
     * Puts two rows each into one row of words, in place: row k receives rows 2k and 2k + 1, in the order of values.
     *
     * @param rows number of rows; where it is odd the last meets zeros
     * @param stride from row to row, before and after
     * @param columns a multiple of {@link #LANES}
     */
    void pairRows(float[] x, int offset, int rows, int stride, int columns);

    /** See {@link ProductKernel#tiles}. */
    void tiles(
            int rows,
            float[] a,
            int aOffset,
            float[] data,
            int panel,
            int panelStride,
            int panels,
            int depth,
            float[] from,
            int fromOffset,
            int fromStride,
            int fromStep,
            float[] c,
            int cOffset,
            int cStride);

    /**
     * See {@link AttentionTiles#multiply}.
     *
     * @param tiles number of tiles of {@link #TILE_ROWS} queries
     * @param depth words of a column
     */
    void multiply(
            float[] p,
            int tiles,
            float[] v,
            int vOffset,
            int depth,
            int vectors,
            boolean accumulate,
            float[] c,
            int cOffset,
            int cStride);
}
