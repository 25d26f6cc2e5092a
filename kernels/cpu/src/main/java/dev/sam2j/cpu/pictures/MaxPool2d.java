package dev.sam2j.cpu.pictures;

import dev.sam2j.cpu.rows.RowKernels;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;

/** Largest of each 2x2 cell. */
public final class MaxPool2d {
    private MaxPool2d() {}

    /** Output rows: {@code batch * height} lines of {@code width} pixels; the input has twice as many each way. */
    public static void run(Rows x, Rows out, int lines, int width, int channels, RowKernels loops, Parallel parallel) {
        parallel.forRange(lines, Math.max(1, (1 << 13) / (width * channels)), (from, to, scratch) -> {
            for (int pixel = from * width; pixel < to * width; pixel++) {
                int above = pixel / width * 4 * width + pixel % width * 2;
                int below = above + 2 * width;
                loops.max4(
                        x.data(),
                        x.at(above),
                        x.at(above + 1),
                        x.at(below),
                        x.at(below + 1),
                        out.data(),
                        out.at(pixel),
                        channels);
            }
        });
    }
}
