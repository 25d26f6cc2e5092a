package dev.sam2j.cpu.decoder;

import dev.sam2j.cpu.products.GemmKernel;
import dev.sam2j.cpu.runtime.CpuStorage;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import dev.sam2j.tensor.fused.Images;

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
final class LowRankImages implements Images {
    /** Added to the distance of blocks of positions, so that the same row of several does not share cache sets. */
    static final int PADDING = 16;

    /** Attentions to tokens that an image has room for. */
    private static final int UPDATES = 2;

    /** Floats of a cache line. */
    private static final int LINE = 16;
    /** Floats that the header of an array takes. */
    private static final int ARRAY_HEADER = 4;

    private final GemmKernel kernel;
    private final int heads;
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

    /**
     * Images that are all equal to {@code base} so far.
     *
     * @param heads of the attentions to come
     * @param capacity the most rows of an entry that differ from the base
     * @param coefficients a row for each entry: P panels, {@link #panelStride} apart, of {@code capacity} rows of as
     *     many positions as a panel is wide ({@link GemmKernel#panelWidth}); P panels hold all positions
     * @param scale a row for each entry: positions of P panels
     * @param squares likewise: squared norms of what the scale multiplies, after its mean has been subtracted
     * @param rows (batch * capacity, channels)
     * @param positions added to the image by who attends to it or from it
     */
    private LowRankImages(
            GemmKernel kernel,
            int heads,
            int batch,
            int capacity,
            Rows coefficients,
            Rows scale,
            Rows squares,
            Rows rows,
            SharedRows positions,
            SharedRows base) {
        this.kernel = kernel;
        this.heads = heads;
        this.batch = batch;
        this.width = kernel.panelWidth();
        this.capacity = capacity;
        this.coefficients = coefficients;
        this.scale = scale;
        this.squares = squares;
        this.rows = rows;
        this.positions = positions;
        this.base = base;
    }

    /** The image that prompts share, which only what it is expanded to can become another. */
    static LowRankImages shared(GemmKernel kernel, int heads, SharedRows positions, SharedRows base) {
        Rows none = new Rows(new float[0], 0, 0);
        return new LowRankImages(kernel, heads, 1, 0, none, none, none, none, positions, base);
    }

    /** The rows of all attentions must be fewer than channels. */
    @Override
    public boolean suits(int tokens) {
        return capacity(tokens) <= channels();
    }

    /** Each attention adds a row for each token and head, in whole tiles. */
    private int capacity(int tokens) {
        return UPDATES * LowRankTokens.vectors(kernel, tokens, heads);
    }

    @Override
    public LowRankImages expand(int entries, int tokens, Workspace workspace) {
        int panels = (pixels() + width - 1) / width;
        int most = capacity(tokens);
        return new LowRankImages(
                kernel,
                heads,
                entries,
                most,
                aligned(workspace, entries, panels * panelStride(most, width)),
                CpuStorage.rows(workspace.allocate(Shape.of(entries, panels * width))),
                CpuStorage.rows(workspace.allocate(Shape.of(entries, panels * width))),
                CpuStorage.rows(workspace.allocate(Shape.of(entries * most, channels()))),
                positions,
                base);
    }

    /** Rows whose vectors do not reach over cache lines: a large array begins at a line, with its header. */
    private static Rows aligned(Workspace workspace, int rows, int columns) {
        Rows all = CpuStorage.rows(workspace.allocate(Shape.of(rows * columns + LINE)));
        return new Rows(all.data(), all.offset() + LINE - ARRAY_HEADER, columns);
    }

    /** Distance of panels of coefficients. */
    static int panelStride(int capacity, int width) {
        return capacity * width + PADDING;
    }

    @Override
    public LowRankImages slice(int from, int to) {
        LowRankImages part = new LowRankImages(
                kernel,
                heads,
                to - from,
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

    /** None that a recording could name: they also lie in arrays of their own. */
    @Override
    public Tensor[] tensors() {
        return new Tensor[0];
    }

    @Override
    public int batch() {
        return batch;
    }

    @Override
    public int pixels() {
        return base.positions();
    }

    @Override
    public int channels() {
        return base.channels();
    }

    /** The image after an attention: {@code added} more rows, and what the norm makes of base and constant. */
    void advance(SharedRows newBase, int added, Rows newConstant) {
        base = newBase;
        rank += added;
        constant = newConstant;
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
