package dev.sam2j.kernels.ptx;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Every kernel variant, for checks that must leave none out. */
public final class PtxKernels {
    /** Columns per head of keys and of values, for every attention of the models. */
    static final int[][] HEAD_DIMS = {{16, 16}, {32, 32}, {56, 56}, {72, 72}, {96, 96}, {256, 256}, {256, 64}};

    /** Variants of bf16 attention: few and many queries, windows of any size, whole and split keys. */
    static final List<FlashAttentionConfig> FLASH_ATTENTION = flashAttention();

    /** Variants of attention for compute capability 9.0. */
    static final List<HopperAttentionConfig> HOPPER_ATTENTION = hopperAttention();

    /** Variants of attention within windows for compute capability 9.0. */
    static final List<HopperWindowConfig> HOPPER_WINDOWS = hopperWindows();

    private PtxKernels() {}

    private static List<HopperWindowConfig> hopperWindows() {
        Set<HopperWindowConfig> configs = new LinkedHashSet<>();
        for (int[] dims : HEAD_DIMS) {
            for (int size : new int[] {7, 8, 14, 16}) {
                HopperWindowConfig.of(dims[0], dims[1], size, 1).ifPresent(configs::add);
            }
        }
        return List.copyOf(configs);
    }

    private static List<HopperAttentionConfig> hopperAttention() {
        List<HopperAttentionConfig> configs = new ArrayList<>();
        for (int[] dims : HEAD_DIMS) {
            if (dims[0] > 32) {
                configs.add(HopperAttentionConfig.of(dims[0], dims[1], false));
                configs.add(HopperAttentionConfig.of(dims[0], dims[1], true));
            }
        }
        return List.copyOf(configs);
    }

    private static List<FlashAttentionConfig> flashAttention() {
        Set<FlashAttentionConfig> configs = new LinkedHashSet<>();
        for (int[] dims : HEAD_DIMS) {
            for (int queries : new int[] {9, 4096}) {
                for (int keys : new int[] {9, 4096}) {
                    configs.add(AttentionPlan.global(dims[0], dims[1], queries, keys, 1, 1, 1)
                            .config());
                    configs.add(AttentionPlan.global(dims[0], dims[1], queries, keys, 1, 1, 132)
                            .config());
                }
            }
            if (isTrunk(dims)) {
                configs.add(AttentionPlan.windowed(dims[0], dims[1], 4, 1).config());
                configs.add(AttentionPlan.windowed(dims[0], dims[1], 14, 1).config());
            }
        }
        return List.copyOf(configs);
    }

    /** Whether the dimensions are those of an image encoder, the only one with windows. */
    private static boolean isTrunk(int[] dims) {
        return dims[0] > 32 && dims[0] < 256;
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
                kernels.add(SelectKernels.pick(in, width));
                kernels.add(SelectKernels.where(in, width));
                kernels.add(ElementwiseKernels.unary(in, width));
                kernels.add(ConvolutionKernels.maxPool2d(in, width));
                kernels.add(ConvolutionKernels.depthwiseConv2d(in, width));
                for (ResizeKernels.Filter filter : ResizeKernels.Filter.values()) {
                    kernels.add(ResizeKernels.interpolate(in, filter, width));
                }
            }
            kernels.add(ElementwiseKernels.roundToBf16(width));
        }
        for (ElementType type : ElementType.values()) {
            kernels.add(ElementwiseKernels.rotary(type));
            kernels.add(ElementwiseKernels.rotaryPairs(type));
            kernels.add(ResizeKernels.thresholdMask(type));
            kernels.add(ResizeKernels.maskStatistics(type));
            kernels.add(ResizeKernels.imageToTensor(type));
            kernels.add(ResizeKernels.imageToTensorUnscaled(type));
            kernels.add(DepthwiseStripsKernel.of(type, 7));
            for (ElementType out : ElementType.values()) {
                for (LayerNormRegistersKernel.Layout layout : LayerNormRegistersKernel.Layout.all(type)) {
                    kernels.add(LayerNormRegistersKernel.of(type, out, layout));
                }
                kernels.add(ConvolutionKernels.im2col(type, out));
                kernels.add(DirectConvolutionKernel.of(type, out, 1, 3));
                kernels.add(DirectConvolutionKernel.of(type, out, 4, 3));
                kernels.add(ConvolutionKernels.im2colPixels(type, out));
                kernels.add(ConvolutionKernels.im2colChannels(type, out));
                kernels.add(ElementwiseKernels.epilogue(type, out, 8));
            }
        }
        for (LayerNormRegistersKernel.Layout layout : LayerNormRegistersKernel.Layout.allUpdating()) {
            kernels.add(LayerNormRegistersKernel.updating(ElementType.BF16, layout));
        }
        kernels.add(ResizeKernels.resample8Bit());
        kernels.add(HoleKernels.label());
        kernels.add(HoleKernels.merge());
        kernels.add(HoleKernels.count());
        kernels.add(HoleKernels.apply());
        for (ElementType type : ElementType.values()) {
            kernels.add(AttentionCombineKernel.of(type));
            kernels.add(FewRowsGemmKernel.of(type));
        }
        for (HopperGemmConfig config : GemmPlanner.configs()) {
            kernels.add(HopperGemmKernel.of(config));
        }
        for (FlashAttentionConfig config : FLASH_ATTENTION) {
            kernels.add(FlashAttentionKernel.of(config));
        }
        for (HopperAttentionConfig config : HOPPER_ATTENTION) {
            kernels.add(HopperAttentionKernel.of(config));
        }
        for (HopperWindowConfig config : HOPPER_WINDOWS) {
            kernels.add(HopperWindowKernel.of(config));
        }
        for (int[] dims : HEAD_DIMS) {
            kernels.add(AttentionF32Kernel.of(dims[0], dims[1], false));
            if (isTrunk(dims)) {
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
