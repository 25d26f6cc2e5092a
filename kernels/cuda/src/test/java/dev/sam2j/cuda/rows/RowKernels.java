package dev.sam2j.cuda.rows;

import dev.sam2j.cuda.ptx.ElementTypes;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/** Every variant of the kernels for rows. */
public final class RowKernels {
    private RowKernels() {}

    /** All variants. */
    public static List<PtxSource> all() {
        List<PtxSource> kernels = new ArrayList<>();
        for (DType in : DType.values()) {
            for (int width : new int[] {1, 4}) {
                kernels.add(new CudaAdd.Kernel(in, width));
                kernels.add(new CudaPick.Kernel(in, width));
                kernels.add(new CudaWhere.Kernel(in, width));
                kernels.add(new CudaUnary.Kernel(in, width));
            }
            kernels.add(new CudaRotary.Kernel(in, true));
            kernels.add(new CudaRotary.Kernel(in, false));
            for (DType out : ElementTypes.companions(in)) {
                kernels.add(new CudaLayerNorm.Kernel(in, out, 1));
                kernels.add(new CudaLayerNorm.Kernel(in, out, 4));
                for (LayerNormRegistersKernel.Layout layout : LayerNormRegistersKernel.Layout.all(in)) {
                    kernels.add(new LayerNormRegistersKernel(in, out, layout));
                }
            }
        }
        for (DType half : ElementTypes.HALVES) {
            for (LayerNormRegistersKernel.Layout layout : LayerNormRegistersKernel.Layout.allUpdating()) {
                kernels.add(new LayerNormRegistersKernel.Updating(half, layout));
            }
        }
        for (DType in : ElementTypes.FINER_THAN_BF16) {
            for (DType out : ElementTypes.FINER_THAN_BF16) {
                kernels.add(new CudaRoundToBf16.Kernel(in, out, 1));
                kernels.add(new CudaRoundToBf16.Kernel(in, out, 4));
            }
        }
        return kernels;
    }
}
