package dev.sam2j.cpu.decoder;

import dev.sam2j.cpu.products.GemmKernel;
import dev.sam2j.cpu.runtime.Rows;

/**
 * Images of B prompts that differ from one they share by few rows: position n of prompt b has the embedding
 *
 * <pre>{@code
 * x[b][n] = scale[b][n] (base[n] + sum_r coefficients[b][r][n] rows[b][r]) + constant
 * }</pre>
 *
 * <p>An attention to T tokens with H heads that is added and normalised keeps this form: it adds T*H rows, the
 * projected values of each token and head, whose coefficients are the weights; the norm multiplies base and rows by its
 * factors and each position by its reciprocal deviation. So an image takes T*H values a position and layer instead of
 * one for each channel, and whatever is linear in the image needs the projections of few rows and, once for all
 * prompts, of the base.
 */
public final class LowRankRows {
    /** Added to the distance of blocks of positions, so that the same row of several does not share cache sets. */
    static final int PADDING = 16;

    private final int batch;
    private final int width;
    private final int capacity;
    private final Rows coefficients;
    private final Rows scale;
    private final Rows squares;
    private final Rows rows;
    private final SharedRows positions;
    private SharedRows base;
    private int rank;
    private Rows constant;

    /** Rows that an attention to {@code tokens} tokens adds: one for each token and head, in whole tiles. */
    public static int added(GemmKernel kernel, int tokens, int heads) {
        return LowRankTokens.vectors(kernel, tokens, heads);
    }

    /**
     * Images that are all equal to {@code base} so far.
     *
     * @param width of the panels of positions, see {@link GemmKernel#panelWidth}; P panels hold all positions
     * @param capacity the most rows of an entry that differ from the base
     * @param coefficients a row for each entry: P panels, {@link #panelStride} apart, of
     *     {@code capacity} rows of {@code width} positions
     * @param scale a row for each entry: {@code P * width} positions
     * @param squares likewise: squared norms of what the scale multiplies, after its mean has been subtracted
     * @param rows (batch * capacity, channels)
     * @param positions added to the image by who attends to it or from it
     */
    public LowRankRows(
            int batch,
            int width,
            int capacity,
            Rows coefficients,
            Rows scale,
            Rows squares,
            Rows rows,
            SharedRows positions,
            SharedRows base) {
        this.batch = batch;
        this.width = width;
        this.capacity = capacity;
        this.coefficients = coefficients;
        this.scale = scale;
        this.squares = squares;
        this.rows = rows;
        this.positions = positions;
        this.base = base;
    }

    /** Distance of panels of coefficients. */
    public static int panelStride(int capacity, int width) {
        return capacity * width + PADDING;
    }

    /** Entries {@code from} (inclusive) to {@code to} (exclusive) as they are now, in the same memory. */
    public LowRankRows entries(int from, int to) {
        LowRankRows part = new LowRankRows(
                to - from,
                width,
                capacity,
                from(coefficients, from),
                from(scale, from),
                from(squares, from),
                from(rows, from * capacity),
                positions,
                base);
        part.rank = rank;
        part.constant = constant;
        return part;
    }

    private static Rows from(Rows all, int first) {
        return new Rows(all.data(), all.at(first), all.stride());
    }

    /** The image after an attention: {@code added} more rows, and what the norm makes of base and constant. */
    void advance(SharedRows newBase, int added, Rows newConstant) {
        base = newBase;
        rank += added;
        constant = newConstant;
    }

    int batch() {
        return batch;
    }

    int capacity() {
        return capacity;
    }

    /** Rows that are used so far. */
    int rank() {
        return rank;
    }

    SharedRows base() {
        return base;
    }

    SharedRows positions() {
        return positions;
    }

    /** One row that is added to all, or null. */
    Rows constant() {
        return constant;
    }

    Rows rows() {
        return rows;
    }

    float[] coefficients() {
        return coefficients.data();
    }

    int coefficientsAt(int entry, int panel) {
        return coefficients.at(entry) + panel * panelStride(capacity, width);
    }

    float[] scale() {
        return scale.data();
    }

    int scaleAt(int entry, int panel) {
        return scale.at(entry) + panel * width;
    }

    float[] squares() {
        return squares.data();
    }

    int squaresAt(int entry, int panel) {
        return squares.at(entry) + panel * width;
    }
}
