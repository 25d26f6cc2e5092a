package dev.sam2j.cpu.products;

import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.cpu.runtime.Scratch;

/**
 * A matrix (out, in) cut into panels of as many rows as a tile has columns. A panel is stored transposed: for each
 * word the words of its rows side by side ({@link ProductKernel}). Missing rows of the last panel are zero.
 */
public final class PackedWeights {
    /** Slot of {@link Scratch} for rows as words. */
    private static final int WORDS_SLOT = 0;

    private final int out;
    private final int in;
    private final int depth;
    private final int panelWidth;
    private final float[] data;

    private PackedWeights(int out, int in, int depth, int panelWidth, float[] data) {
        this.out = out;
        this.in = in;
        this.depth = depth;
        this.panelWidth = panelWidth;
        this.data = data;
    }

    /** Packs the row-major matrix for {@code kernel}, on the calling thread. */
    public static PackedWeights pack(ProductKernel kernel, float[] matrix, int out, int in) {
        try (Parallel caller = new Parallel(1)) {
            return pack(kernel, matrix, out, in, caller);
        }
    }

    /** Packs the row-major matrix for {@code kernel}, a panel in a task. */
    public static PackedWeights pack(ProductKernel kernel, float[] matrix, int out, int in, Parallel parallel) {
        return pack(kernel, new Rows(matrix, 0, in), out, in, parallel);
    }

    /** Packs a matrix of {@code out} rows for {@code kernel}, a panel in a task. */
    static PackedWeights pack(ProductKernel kernel, Rows matrix, int out, int in, Parallel parallel) {
        int width = kernel.panelWidth();
        int panels = (out + width - 1) / width;
        int depth = kernel.words(in);
        float[] data = allocate(kernel, out, in);
        parallel.forEach(panels, (panel, scratch) -> {
            int first = panel * width;
            int rows = Math.min(width, out - first);
            float[] words = scratch.floats(WORDS_SLOT, rows * depth);
            for (int row = 0; row < rows; row++) {
                kernel.toWords(matrix.data(), matrix.at(first + row), in, 1, words, row * depth);
            }
            packPanel(words, 0, depth, rows, depth, data, panel * width * depth, width);
        });
        return new PackedWeights(out, in, depth, width, data);
    }

    /**
     * Packs the transpose of a matrix of {@code in} rows and {@code out} columns for {@code kernel}, which multiplies
     * float32: a row of a panel is a piece of a row.
     */
    static PackedWeights packTransposed(GemmKernel kernel, Rows matrix, int out, int in, Parallel parallel) {
        int width = kernel.panelWidth();
        float[] data = allocate(kernel, out, in); // zeros, also where the last panel lacks columns
        parallel.forEach((out + width - 1) / width, (panel, scratch) -> {
            int first = panel * width;
            int columns = Math.min(width, out - first);
            for (int k = 0; k < in; k++) {
                System.arraycopy(matrix.data(), matrix.at(k) + first, data, (panel * in + k) * width, columns);
            }
        });
        return new PackedWeights(out, in, in, width, data);
    }

    private static float[] allocate(ProductKernel kernel, int out, int in) {
        long elements = (long) Gemm.roundUp(out, kernel.panelWidth()) * kernel.words(in);
        if (elements > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("pack: matrix of " + out + " x " + in + " is too large");
        }
        return new float[(int) elements];
    }

    /** Weights for {@code kernel} that borrow {@code data}, which the caller fills with {@link #packPanel}. */
    public static PackedWeights view(ProductKernel kernel, float[] data, int out, int in) {
        return new PackedWeights(out, in, kernel.words(in), kernel.panelWidth(), data);
    }

    /** The same weights, as those of {@code from}, packed for {@code to}. */
    PackedWeights repacked(ProductKernel from, ProductKernel to, Parallel parallel) {
        float[] matrix = new float[out * in];
        parallel.forEach(out, (row, scratch) -> {
            float[] words = scratch.floats(WORDS_SLOT, depth);
            for (int k = 0; k < depth; k++) {
                words[k] = data[position(row / panelWidth, k) + row % panelWidth];
            }
            from.fromWords(words, 0, in, matrix, row * in);
        });
        return pack(to, matrix, out, in, parallel);
    }

    /** Writes {@code rows} rows of words, {@code stride} apart, as one panel, zeros included. */
    public static void packPanel(
            float[] matrix, int offset, int stride, int rows, int depth, float[] data, int to, int width) {
        for (int k = 0; k < depth; k++) {
            int column = to + k * width;
            for (int j = 0; j < rows; j++) {
                data[column + j] = matrix[offset + j * stride + k];
            }
            for (int j = rows; j < width; j++) {
                data[column + j] = 0;
            }
        }
    }

    /** Rows of the matrix. */
    public int out() {
        return out;
    }

    /** Columns of the matrix. */
    public int in() {
        return in;
    }

    /** Words of a row. */
    int depth() {
        return depth;
    }

    /** Number of panels. */
    public int panels() {
        return (out + panelWidth - 1) / panelWidth;
    }

    /** Outputs of a panel. */
    public int panelWidth() {
        return panelWidth;
    }

    /** Words of a panel. */
    int panelSize() {
        return panelWidth * depth;
    }

    /** The words of all panels. */
    public float[] data() {
        return data;
    }

    /** Position in {@link #data} of word {@code k} of panel {@code panel}. */
    public int position(int panel, int k) {
        return (panel * depth + k) * panelWidth;
    }
}
