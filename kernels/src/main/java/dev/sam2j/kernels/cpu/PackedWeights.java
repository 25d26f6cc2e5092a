package dev.sam2j.kernels.cpu;

/**
 * A matrix (out, in) cut into panels of as many rows as a tile has columns. A panel is stored transposed: for each
 * column the values of its rows side by side. Missing rows of the last panel are zero.
 */
public final class PackedWeights {
    private final int out;
    private final int in;
    private final int panelWidth;
    private final float[] data;

    private PackedWeights(int out, int in, int panelWidth, float[] data) {
        this.out = out;
        this.in = in;
        this.panelWidth = panelWidth;
        this.data = data;
    }

    /** Packs the row-major matrix for {@code kernel}, on the calling thread. */
    public static PackedWeights pack(GemmKernel kernel, float[] matrix, int out, int in) {
        try (Parallel caller = new Parallel(1)) {
            return pack(kernel, matrix, out, in, caller);
        }
    }

    /** Packs the row-major matrix for {@code kernel}, a panel in a task. */
    public static PackedWeights pack(GemmKernel kernel, float[] matrix, int out, int in, Parallel parallel) {
        int width = kernel.panelWidth();
        int panels = (out + width - 1) / width;
        long elements = (long) panels * width * in;
        if (elements > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("pack: matrix of " + out + " x " + in + " is too large");
        }
        float[] data = new float[(int) elements];
        parallel.forEach(panels, (panel, scratch) -> {
            int first = panel * width;
            packPanel(matrix, first * in, in, Math.min(width, out - first), in, data, panel * width * in, width);
        });
        return new PackedWeights(out, in, width, data);
    }

    /** Weights that borrow {@code data}, which the caller fills with {@link #packPanel}. */
    static PackedWeights view(float[] data, int out, int in, int panelWidth) {
        return new PackedWeights(out, in, panelWidth, data);
    }

    /** Writes {@code rows} rows, {@code stride} apart, as one panel, zeros included. */
    static void packPanel(float[] matrix, int offset, int stride, int rows, int in, float[] data, int to, int width) {
        for (int k = 0; k < in; k++) {
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

    int panels() {
        return (out + panelWidth - 1) / panelWidth;
    }

    int panelWidth() {
        return panelWidth;
    }

    float[] data() {
        return data;
    }

    /** Position in {@link #data} of column {@code k} of panel {@code panel}. */
    int position(int panel, int k) {
        return (panel * in + k) * panelWidth;
    }
}
