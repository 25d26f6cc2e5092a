package dev.sam2j.cpu.products;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Tensor;

/**
 * Transposed convolution with a 2x2 kernel and stride 2: a matrix product whose output row holds the four new pixels of
 * an old one, each of which the epilogue carries to its place.
 */
public final class ConvTranspose2d {
    private ConvTranspose2d() {}

    /**
     * Convolves.
     *
     * @param x (B, H, W, w.in())
     * @param w rows in the order (i, j, output channel) for the new pixel at row i and column j of its 2x2 cell
     * @param epilogue bias and scale per output channel, residual of y's shape or repeated over its pixels
     * @param y (B, 2H, 2W, w.out() / 4)
     */
    public static void run(Tensor x, PackedMatrix w, Epilogue epilogue, Tensor y, Gemm gemm) {
        int width = x.dim(2);
        int channels = y.cols();
        GemmOutput output = gemm.output(epilogue, rows(y));
        gemm.run(rows(x), x.rows(), CpuMatrix.weights(w), (row, column, n, c, cOffset) -> {
            int end = column + n;
            while (column < end) {
                // A block of columns may begin or end inside a pixel.
                int cell = column / channels;
                int channel = column - cell * channels;
                int count = Math.min(channels - channel, end - column);
                int pixel = (2 * (row / width) + cell / 2) * 2 * width + 2 * (row % width) + cell % 2;
                output.accept(pixel, channel, count, c, cOffset);
                column += count;
                cOffset += count;
            }
        });
    }
}
