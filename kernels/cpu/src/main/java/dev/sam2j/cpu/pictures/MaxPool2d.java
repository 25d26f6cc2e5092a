package dev.sam2j.cpu.pictures;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Tensor;

/** Largest of each 2x2 cell. */
public final class MaxPool2d {
    private MaxPool2d() {}

    /** x (B, 2H, 2W, C) to out (B, H, W, C). */
    public static void run(Tensor x, Tensor out, PictureKernels loops, Parallel parallel) {
        Rows from = rows(x);
        Rows to = rows(out);
        int width = out.dim(2);
        int channels = x.cols();
        int lines = out.dim(0) * out.dim(1);
        parallel.forRange(lines, Math.max(1, (1 << 13) / (width * channels)), (first, end, scratch) -> {
            for (int pixel = first * width; pixel < end * width; pixel++) {
                int above = pixel / width * 4 * width + pixel % width * 2;
                int below = above + 2 * width;
                loops.max4(
                        from.data(),
                        from.at(above),
                        from.at(above + 1),
                        from.at(below),
                        from.at(below + 1),
                        to.data(),
                        to.at(pixel),
                        channels);
            }
        });
    }
}
