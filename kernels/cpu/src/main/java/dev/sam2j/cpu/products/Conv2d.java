package dev.sam2j.cpu.products;

import java.util.Arrays;

/**
 * Convolution with a square kernel as a matrix product: the patch under each output becomes a row of {@code (kernel
 * row, kernel column, channel)}, for one block of outputs at a time in scratch memory.
 */
public final class Conv2d {
    private static final int PATCH_SLOT = Gemm.FREE_SLOT;

    private final Gemm gemm;

    /** Convolutions by the kernel and threads of {@code gemm}. */
    public Conv2d(Gemm gemm) {
        this.gemm = gemm;
    }

    /**
     * Pictures and the way the kernel moves over them.
     *
     * @param stride elements between two pixels of the input
     * @param padding zeros on each side
     */
    public record Geometry(
            int batch, int height, int width, int channels, int stride, int kernel, int step, int padding) {
        int outHeight() {
            return (height + 2 * padding - kernel) / step + 1;
        }

        int outWidth() {
            return (width + 2 * padding - kernel) / step + 1;
        }

        int outputs() {
            return batch * outHeight() * outWidth();
        }
    }

    /**
     * Convolves.
     *
     * @param x (batch, height, width, channels)
     * @param w rows of kernel * kernel * channels values
     * @param y (batch, outHeight, outWidth, w.out()), {@code yStride} between pixels
     */
    public void run(
            float[] x,
            int xOffset,
            Geometry g,
            PackedWeights w,
            GemmEpilogue epilogue,
            float[] y,
            int yOffset,
            int yStride) {
        if (g.kernel() == 1 && g.step() == 1 && g.padding() == 0) {
            gemm.run(x, xOffset, g.stride(), g.outputs(), w, epilogue, y, yOffset, yStride);
            return;
        }
        Gemm.Sink sink = new GemmOutput(gemm.kernel(), epilogue, y, yOffset, yStride);
        int depth = w.in();
        gemm.parallel().forRange(g.outputs(), Gemm.BLOCK_ROWS, (from, to, scratch) -> {
            float[] patches = scratch.floats(PATCH_SLOT, (to - from) * depth);
            for (int i = from; i < to; i++) {
                copyPatch(x, xOffset, g, i, patches, (i - from) * depth);
            }
            gemm.block(patches, 0, depth, from, to - from, w, 0, w.panels(), scratch, sink);
        });
    }

    /** Writes the patch of output number {@code index} (over batch, rows and columns). */
    private static void copyPatch(float[] x, int xOffset, Geometry g, int index, float[] patch, int to) {
        int left = index % g.outWidth() * g.step() - g.padding();
        int top = index / g.outWidth() % g.outHeight() * g.step() - g.padding();
        int picture = xOffset + index / (g.outWidth() * g.outHeight()) * g.height() * g.width() * g.stride();
        int span = g.kernel() * g.channels();
        int firstColumn = Math.max(0, -left);
        int endColumn = Math.min(g.kernel(), g.width() - left);
        for (int i = 0; i < g.kernel(); i++, to += span) {
            int row = top + i;
            if (row < 0 || row >= g.height() || endColumn <= firstColumn) {
                Arrays.fill(patch, to, to + span, 0);
                continue;
            }
            Arrays.fill(patch, to, to + firstColumn * g.channels(), 0);
            int from = picture + (row * g.width() + left + firstColumn) * g.stride();
            copyPixels(
                    x, from, g.stride(), g.channels(), endColumn - firstColumn, patch, to + firstColumn * g.channels());
            Arrays.fill(patch, to + endColumn * g.channels(), to + span, 0);
        }
    }

    private static void copyPixels(float[] x, int from, int stride, int channels, int pixels, float[] patch, int to) {
        if (stride == channels) {
            System.arraycopy(x, from, patch, to, pixels * channels);
            return;
        }
        for (int j = 0; j < pixels; j++) {
            System.arraycopy(x, from + j * stride, patch, to + j * channels, channels);
        }
    }
}
