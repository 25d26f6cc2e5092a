package dev.sam2j.cpu.training;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Tensor;

/** Columns of rows to pixels of 2x2 cells, and back. */
final class PixelShuffle {
    private static final int GRAIN = 1 << 14;

    private PixelShuffle() {}

    /** x (B, H, W, 4C), destination (B, 2H, 2W, C). */
    static void run(Tensor x, Tensor destination, Parallel parallel) {
        move(x, destination, true, parallel);
    }

    /** x (B, 2H, 2W, C), destination (B, H, W, 4C). */
    static void undo(Tensor x, Tensor destination, Parallel parallel) {
        move(destination, x, false, parallel);
    }

    private static void move(Tensor tensorCells, Tensor tensorPixels, boolean toPixels, Parallel parallel) {
        Rows cells = rows(tensorCells);
        Rows pixels = rows(tensorPixels);
        int width = tensorPixels.dim(2);
        int channels = tensorPixels.cols();
        // A cell's two pixels of a line are adjacent columns of its row, and without gaps adjacent themselves.
        int together = tensorPixels.isContiguous() ? 2 : 1;
        int length = together * channels;
        parallel.forRange(tensorPixels.rows() / width, Math.max(1, GRAIN / (width * channels)), (from, to, scratch) -> {
            for (int y = from; y < to; y++) {
                for (int x = 0; x < width; x += together) {
                    int atCell = cells.at(y / 2 * (width / 2) + x / 2) + (y % 2 * 2 + x % 2) * channels;
                    int atPixel = pixels.at(y * width + x);
                    if (toPixels) {
                        System.arraycopy(cells.data(), atCell, pixels.data(), atPixel, length);
                    } else {
                        System.arraycopy(pixels.data(), atPixel, cells.data(), atCell, length);
                    }
                }
            }
        });
    }
}
