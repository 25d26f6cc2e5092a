package dev.sam2j.cpu.products;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Tensor;
import java.util.Arrays;

/**
 * Convolution with a square kernel as a matrix product: the patch under each output becomes a row of {@code (kernel
 * row, kernel column, channel)}, for one block of outputs at a time in scratch memory.
 */
public final class Conv2d {
    private static final int PATCH_SLOT = Gemm.FREE_SLOT;

    private final Rows x;
    private final int height;
    private final int width;
    private final int channels;
    private final int outHeight;
    private final int outWidth;
    private final Conv2dSpec spec;

    private Conv2d(Tensor x, Conv2dSpec spec, Tensor y) {
        this.x = rows(x);
        this.height = x.dim(1);
        this.width = x.dim(2);
        this.channels = x.cols();
        this.outHeight = y.dim(1);
        this.outWidth = y.dim(2);
        this.spec = spec;
    }

    /** x (B, H, W, C), w with rows of kernel * kernel * C values, y (B, H', W', out). */
    public static void run(Tensor x, PackedMatrix w, Conv2dSpec spec, Epilogue epilogue, Tensor y, Gemm gemm) {
        if (spec.kernel() == 1 && spec.stride() == 1 && spec.padding() == 0) {
            gemm.run(x, w, epilogue, y);
        } else {
            new Conv2d(x, spec, y).run(CpuMatrix.weights(w), gemm.output(epilogue, rows(y)), y.rows(), gemm);
        }
    }

    private void run(PackedWeights w, Gemm.Sink sink, int outputs, Gemm gemm) {
        int depth = w.in();
        gemm.parallel().forRange(outputs, Gemm.BLOCK_ROWS, (from, to, scratch) -> {
            float[] patches = scratch.floats(PATCH_SLOT, (to - from) * depth);
            for (int i = from; i < to; i++) {
                copyPatch(i, patches, (i - from) * depth);
            }
            gemm.block(new Rows(patches, 0, depth), from, to - from, w, 0, w.panels(), scratch, sink);
        });
    }

    /** Writes the patch of output number {@code index} (over batch, rows and columns). */
    private void copyPatch(int index, float[] patch, int to) {
        int left = index % outWidth * spec.stride() - spec.padding();
        int top = index / outWidth % outHeight * spec.stride() - spec.padding();
        int picture = index / (outWidth * outHeight) * height * width;
        int span = spec.kernel() * channels;
        int firstColumn = Math.max(0, -left);
        int endColumn = Math.min(spec.kernel(), width - left);
        for (int i = 0; i < spec.kernel(); i++, to += span) {
            int row = top + i;
            if (row < 0 || row >= height || endColumn <= firstColumn) {
                Arrays.fill(patch, to, to + span, 0);
                continue;
            }
            Arrays.fill(patch, to, to + firstColumn * channels, 0);
            int from = x.at(picture + row * width + left + firstColumn);
            copyPixels(from, endColumn - firstColumn, patch, to + firstColumn * channels);
            Arrays.fill(patch, to + endColumn * channels, to + span, 0);
        }
    }

    private void copyPixels(int from, int pixels, float[] patch, int to) {
        if (x.stride() == channels) {
            System.arraycopy(x.data(), from, patch, to, pixels * channels);
            return;
        }
        for (int j = 0; j < pixels; j++) {
            System.arraycopy(x.data(), from + j * x.stride(), patch, to + j * channels, channels);
        }
    }
}
