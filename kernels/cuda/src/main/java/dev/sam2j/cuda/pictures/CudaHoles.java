package dev.sam2j.cuda.pictures;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.Kernels;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.FillHoles;

/** Filling of small holes in maps of logits: four kernels over all pixels. */
public final class CudaHoles {
    private final CudaDevice device;

    /** Filling on a device. */
    public CudaHoles(CudaDevice device) {
        this.device = device;
    }

    /** {@link FillHoles}. */
    public void fill(FillHoles op) {
        Tensor logits = op.logits();
        int maxArea = op.maxArea();
        if (maxArea == 0) {
            return;
        }
        long maps = device.matrix(logits).address();
        int height = logits.dim(1);
        int width = logits.dim(2);
        int pixels = Math.toIntExact(logits.shape().elements());
        long labels = device.scratch(4L * pixels);
        long areas = device.scratch(4L * pixels);
        Kernels kernels = device.kernels();
        kernels.over(pixels, "fillHoles label", HoleKernels::label, maps, labels, areas, width, pixels);
        kernels.over(pixels, "fillHoles merge", HoleKernels::merge, maps, labels, height, width, pixels);
        kernels.over(pixels, "fillHoles count", HoleKernels::count, maps, labels, areas, width, pixels, maxArea);
        kernels.over(pixels, "fillHoles apply", HoleKernels::apply, maps, labels, areas, pixels, maxArea, op.value());
    }
}
