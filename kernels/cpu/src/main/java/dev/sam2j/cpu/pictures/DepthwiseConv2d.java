package dev.sam2j.cpu.pictures;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.Tensor;

/** Convolution with one square kernel per channel and zero padding. */
public final class DepthwiseConv2d {
    private DepthwiseConv2d() {}

    /** x (B, H, W, C), weight (kernel, kernel, C), bias (C), out (B, H', W', C). */
    public static void run(
            Tensor x,
            Tensor weight,
            Tensor bias,
            Conv2dSpec spec,
            Tensor out,
            PictureKernels loops,
            Parallel parallel) {
        Rows from = rows(x);
        Rows w = rows(weight);
        Rows b = rows(bias);
        Rows to = rows(out);
        int height = x.dim(1);
        int width = x.dim(2);
        int outHeight = out.dim(1);
        int outWidth = out.dim(2);
        int kernel = spec.kernel();
        parallel.forEach(out.dim(0) * outHeight, (line, scratch) -> {
            int top = line % outHeight * spec.stride() - spec.padding();
            int firstY = Math.max(0, -top);
            int ny = Math.min(kernel, height - top) - firstY;
            for (int column = 0; column < outWidth; column++) {
                int left = column * spec.stride() - spec.padding();
                int firstX = Math.max(0, -left);
                int nx = Math.min(kernel, width - left) - firstX;
                int source = (line / outHeight * height + top + firstY) * width + left + firstX;
                loops.depthwise(
                        from.data(),
                        from.at(source),
                        width * from.stride(),
                        from.stride(),
                        w.data(),
                        w.at(firstY * kernel + firstX),
                        kernel * w.stride(),
                        w.stride(),
                        ny,
                        nx,
                        b.data(),
                        b.offset(),
                        to.data(),
                        to.at(line * outWidth + column),
                        x.cols());
            }
        });
    }
}
