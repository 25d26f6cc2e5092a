package dev.sam2j.cpu.training;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Tensor;

/** Columns of rows to pixels of 2x2 cells, and back. */
final class PixelShuffle {
    private PixelShuffle() {}

    /** x (B, H, W, 4C), destination (B, 2H, 2W, C). */
    static void run(Tensor x, Tensor destination) {
        move(x, destination, true);
    }

    /** x (B, 2H, 2W, C), destination (B, H, W, 4C). */
    static void undo(Tensor x, Tensor destination) {
        move(destination, x, false);
    }

    private static void move(Tensor tensorCells, Tensor tensorPixels, boolean toPixels) {
        Rows cells = rows(tensorCells);
        Rows pixels = rows(tensorPixels);
        int width = tensorPixels.dim(2);
        int channels = tensorPixels.cols();
        for (int r = 0; r < tensorPixels.rows(); r++) {
            int y = r / width;
            int x = r % width;
            int column = (y % 2 * 2 + x % 2) * channels;
            int atCell = cells.at(y / 2 * (width / 2) + x / 2) + column;
            if (toPixels) {
                System.arraycopy(cells.data(), atCell, pixels.data(), pixels.at(r), channels);
            } else {
                System.arraycopy(pixels.data(), pixels.at(r), cells.data(), atCell, channels);
            }
        }
    }
}
