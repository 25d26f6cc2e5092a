package dev.sam2j.cpu.products;

/**
 * Transposed convolution with a 2x2 kernel and stride 2: a matrix product whose output row holds the four new pixels of
 * an old one, each of which the epilogue carries to its place.
 */
public final class ConvTranspose2d {
    private final Gemm gemm;

    /** Convolutions by the kernel and threads of {@code gemm}. */
    public ConvTranspose2d(Gemm gemm) {
        this.gemm = gemm;
    }

    /**
     * Convolves.
     *
     * @param x (batch, height, width, w.in()), {@code xStride} between pixels
     * @param w rows in the order (i, j, output channel) for the new pixel at row i and column j of its 2x2 cell
     * @param epilogue bias and scale per output channel, residual of y's shape or repeated over its pixels
     * @param y (batch, 2 height, 2 width, w.out() / 4), {@code yStride} between pixels
     */
    public void run(
            float[] x,
            int xOffset,
            int xStride,
            int batch,
            int height,
            int width,
            PackedWeights w,
            GemmEpilogue epilogue,
            float[] y,
            int yOffset,
            int yStride) {
        int channels = w.out() / 4;
        ProductKernel kernel = gemm.kernel();
        gemm.run(x, xOffset, xStride, batch * height * width, w, (row, column, n, c, cOffset) -> {
            int end = column + n;
            while (column < end) {
                // A block of columns may begin or end inside a pixel.
                int cell = column / channels;
                int channel = column - cell * channels;
                int count = Math.min(channels - channel, end - column);
                int pixel = (2 * (row / width) + cell / 2) * 2 * width + 2 * (row % width) + cell % 2;
                kernel.finish(
                        c,
                        cOffset,
                        epilogue,
                        channel,
                        epilogue.residualRow(pixel) + channel,
                        y,
                        yOffset + pixel * yStride + channel,
                        count);
                column += count;
                cOffset += count;
            }
        });
    }
}
