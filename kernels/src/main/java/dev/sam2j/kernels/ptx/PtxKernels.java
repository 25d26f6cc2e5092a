package dev.sam2j.kernels.ptx;

import java.util.ArrayList;
import java.util.List;

/** Every kernel variant, for checks that must leave none out. */
public final class PtxKernels {
    /** Columns per head of keys and of values, for every attention of the models. */
    static final int[][] HEAD_DIMS = {{16, 16}, {32, 32}, {56, 56}, {72, 72}, {96, 96}, {256, 256}, {256, 64}};

    /** Variants of bf16 attention: few and many queries, windows of any size, whole and split keys. */
    static final List<FlashAttentionKernel.Config> FLASH_ATTENTION = flashAttention();

    private PtxKernels() {}

    private static List<FlashAttentionKernel.Config> flashAttention() {
        List<FlashAttentionKernel.Config> configs = new ArrayList<>();
        for (int dim : new int[] {16, 32}) {
            configs.add(new FlashAttentionKernel.Config(dim, dim, 1, 1, 64, false, false, true));
            configs.add(new FlashAttentionKernel.Config(dim, dim, 4, 1, 16, false, false, true));
        }
        for (int dim : new int[] {56, 72, 96}) {
            configs.add(new FlashAttentionKernel.Config(dim, dim, 4, 2, 32, false, false, true));
            configs.add(new FlashAttentionKernel.Config(dim, dim, 4, 1, 64, true, false, true));
            configs.add(new FlashAttentionKernel.Config(dim, dim, 1, 1, 16, true, false, true));
        }
        configs.add(new FlashAttentionKernel.Config(256, 256, 4, 1, 32, false, false, false));
        configs.add(new FlashAttentionKernel.Config(256, 64, 4, 2, 64, false, false, false));
        configs.add(new FlashAttentionKernel.Config(256, 64, 4, 2, 64, false, true, false));
        return configs;
    }

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
                kernels.add(ImageKernels.maxPool2d(in, width));
                kernels.add(ImageKernels.depthwiseConv2d(in, width));
                for (ImageKernels.Filter filter : ImageKernels.Filter.values()) {
                    kernels.add(ImageKernels.interpolate(in, filter, width));
                }
            }
            kernels.add(ElementwiseKernels.roundToBf16(width));
        }
        for (ElementType type : ElementType.values()) {
            kernels.add(ElementwiseKernels.rotary(type));
            kernels.add(ImageKernels.thresholdMask(type));
            kernels.add(ImageKernels.imageToTensor(type));
            for (ElementType out : ElementType.values()) {
                kernels.add(ImageKernels.im2col(type, out));
            }
        }
        kernels.add(ImageKernels.resample8Bit());
        for (ElementType type : ElementType.values()) {
            kernels.add(AttentionCombineKernel.of(type));
        }
        for (FlashAttentionKernel.Config config : FLASH_ATTENTION) {
            kernels.add(FlashAttentionKernel.of(config));
        }
        for (int[] dims : HEAD_DIMS) {
            kernels.add(AttentionF32Kernel.of(dims[0], dims[1], false));
            if (dims[0] > 32 && dims[0] < 256) {
                kernels.add(AttentionF32Kernel.of(dims[0], dims[1], true));
            }
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
