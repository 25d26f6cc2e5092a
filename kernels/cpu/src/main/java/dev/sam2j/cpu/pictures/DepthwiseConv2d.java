package dev.sam2j.cpu.pictures;

import dev.sam2j.cpu.rows.RowKernels;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;

/** Convolution with one square kernel per channel and zero padding. */
public final class DepthwiseConv2d {
    private DepthwiseConv2d() {}

    /**
     * Sizes of a convolution.
     *
     * @param height lines of the input; {@code outHeight}, {@code outWidth} of the output
     * @param kernel side of the kernel
     * @param stride step between outputs
     * @param padding zeros on each side
     */
    public record Geometry(
            int height, int width, int outHeight, int outWidth, int channels, int kernel, int stride, int padding) {}

    /** x (batch, height, width, channels), weight (kernel, kernel, channels), bias one row. */
    public static void run(
            Rows x, Rows weight, Rows bias, Geometry g, Rows out, int batch, RowKernels loops, Parallel parallel) {
        parallel.forEach(batch * g.outHeight, (line, scratch) -> {
            int top = line % g.outHeight * g.stride - g.padding;
            int firstY = Math.max(0, -top);
            int ny = Math.min(g.kernel, g.height - top) - firstY;
            for (int column = 0; column < g.outWidth; column++) {
                int left = column * g.stride - g.padding;
                int firstX = Math.max(0, -left);
                int nx = Math.min(g.kernel, g.width - left) - firstX;
                int source = (line / g.outHeight * g.height + top + firstY) * g.width + left + firstX;
                loops.depthwise(
                        x.data(),
                        x.at(source),
                        g.width * x.stride(),
                        x.stride(),
                        weight.data(),
                        weight.at(firstY * g.kernel + firstX),
                        g.kernel * weight.stride(),
                        weight.stride(),
                        ny,
                        nx,
                        bias.data(),
                        bias.offset(),
                        out.data(),
                        out.at(line * g.outWidth + column),
                        g.channels);
            }
        });
    }
}
