package dev.sam2j.cuda.pictures;

import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Interpolation;
import java.util.ArrayList;
import java.util.List;

/** Every variant of the kernels for pictures. */
public final class PictureKernels {
    private PictureKernels() {}

    /** All variants. */
    public static List<PtxSource> all() {
        List<PtxSource> kernels = new ArrayList<>(List.of(CudaFillHoles.Kernel.values()));
        kernels.add(Resample8Bit.Kernel.RESAMPLE);
        for (DType type : DType.values()) {
            for (int width : new int[] {1, 4}) {
                kernels.add(new CudaMaxPool2d.Kernel(type, width));
                kernels.add(new CudaDepthwiseConv2d.Kernel(type, width));
                for (Interpolation filter : Interpolation.values()) {
                    kernels.add(new CudaInterpolate.Kernel(type, filter, width));
                }
            }
            kernels.add(new CudaDepthwiseConv2d.Strips(type, 7));
            kernels.add(new CudaThresholdMask.Kernel(type));
            kernels.add(new CudaMaskStatistics.Kernel(type));
            kernels.add(new CudaImageToTensor.Kernel(type, false));
            kernels.add(new CudaImageToTensor.Kernel(type, true));
        }
        return kernels;
    }
}
