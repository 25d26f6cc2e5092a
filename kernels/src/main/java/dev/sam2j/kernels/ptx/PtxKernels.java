package dev.sam2j.kernels.ptx;

import java.util.ArrayList;
import java.util.List;

/** Every kernel variant, for checks that must leave none out. */
public final class PtxKernels {
    private PtxKernels() {}

    /** All variants, each with its own entry name. */
    public static List<PtxKernel> all() {
        List<PtxKernel> kernels = new ArrayList<>();
        for (int width : new int[] {1, 4}) {
            for (ElementType in : ElementType.values()) {
                for (ElementType out : ElementType.values()) {
                    typePair(kernels, in, out, width);
                }
                kernels.add(ElementwiseKernels.add(in, width));
                kernels.add(ElementwiseKernels.unary(in, width));
            }
            kernels.add(ElementwiseKernels.roundToBf16(width));
        }
        for (ElementType type : ElementType.values()) {
            kernels.add(ElementwiseKernels.rotary(type));
        }
        return kernels;
    }

    private static void typePair(List<PtxKernel> kernels, ElementType in, ElementType out, int width) {
        kernels.add(ElementwiseKernels.copy(in, out, width));
        kernels.add(LayerNormKernel.of(in, out, width));
        kernels.add(ElementwiseKernels.epilogue(in, out, width));
        kernels.add(ElementwiseKernels.pixelShuffle(in, out, width));
    }
}
