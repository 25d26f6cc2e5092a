package dev.sam2j.cpu.products;

/**
 * The innermost loops of a matrix product in one number format; {@link Gemm} and attention arrange them.
 *
 * <p>Both factors are kept in words of 32 bits, in arrays of floats: a word is a value in float32 or two values in
 * bfloat16, which meet the two values of a word of the other factor. Sums are float32. Lengths of sums, {@code depth},
 * count words.
 */
public interface ProductKernel {
    /** Most words of the rows that {@link #tiles} multiplies. */
    int MAX_DEPTH = 576;

    /**
     * Floats from row to row of those: a constant, so that one index addresses all rows of a tile, and an odd number of
     * cache lines, so that they do not share cache sets.
     */
    int ROW_STRIDE = MAX_DEPTH + 16;

    /** A row may be converted to words in pieces that begin at multiples of as many words. */
    int WORD_GROUP = 16;

    /** Values in a word: 1 or 2. */
    int valuesPerWord();

    /** Words of a row of {@code values} values. */
    default int words(int values) {
        return (values + valuesPerWord() - 1) / valuesPerWord();
    }

    /**
     * Writes a row, or a piece of one, as words.
     *
     * @param n values
     * @param factor what they are multiplied by before they are rounded
     * @param words receives {@link #words} of them
     */
    void toWords(float[] x, int xOffset, int n, float factor, float[] words, int offset);

    /** The reverse of {@link #toWords} with a factor of 1, except for what was rounded away. */
    void fromWords(float[] words, int offset, int n, float[] x, int xOffset);

    /** Rows of the largest tile. */
    int tileRows();

    /** Columns of a tile, which is the number of matrix rows interleaved in one panel of {@link PackedWeights}. */
    int panelWidth();

    /**
     * Multiplies up to {@link #tileRows} rows by one panel after the other: {@code c[i][j] = from[i][j] + sum_k a[i][k]
     * panel[k][j]}.
     *
     * @param rows rows of a that count, 1 to tileRows
     * @param a a whole tile of rows of {@code depth} words, {@link #ROW_STRIDE} apart
     * @param data panels of {@code depth} rows of {@link #panelWidth} words without gaps
     * @param panel the first one's position in {@code data}; the next lies {@code panelStride} further
     * @param panels number of panels
     * @param depth length of the sums in words, at most {@link #MAX_DEPTH}
     * @param from what the sums start from: tileRows rows of panelWidth values, {@code fromStride} apart; a stride of 0
     *     repeats one row
     * @param fromStep from there to what the sums of the next panel start from
     * @param c as many rows, {@code cStride} apart, those of one panel beside those of the other; rows from {@code
     *     rows} on become undefined; may be {@code from}
     */
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
}
