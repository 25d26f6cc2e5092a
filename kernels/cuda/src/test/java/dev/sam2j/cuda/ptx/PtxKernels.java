package dev.sam2j.cuda.ptx;

import dev.sam2j.cuda.attention.AttentionCombineKernel;
import dev.sam2j.cuda.attention.AttentionF32Kernel;
import dev.sam2j.cuda.attention.AttentionPlan;
import dev.sam2j.cuda.attention.AttentionShape;
import dev.sam2j.cuda.attention.FlashAttentionConfig;
import dev.sam2j.cuda.attention.FlashAttentionKernel;
import dev.sam2j.cuda.attention.HopperAttentionConfig;
import dev.sam2j.cuda.attention.HopperAttentionKernel;
import dev.sam2j.cuda.attention.HopperWindowConfig;
import dev.sam2j.cuda.attention.HopperWindowKernel;
import dev.sam2j.cuda.pictures.DepthwiseStripsKernel;
import dev.sam2j.cuda.pictures.HoleKernels;
import dev.sam2j.cuda.pictures.ResizeKernels;
import dev.sam2j.cuda.products.DirectConvolutionKernel;
import dev.sam2j.cuda.products.FewRowsGemmKernel;
import dev.sam2j.cuda.products.GemmPlanner;
import dev.sam2j.cuda.products.HopperGemmConfig;
import dev.sam2j.cuda.products.HopperGemmKernel;
import dev.sam2j.cuda.rows.LayerNormKernel;
import dev.sam2j.cuda.rows.LayerNormRegistersKernel;
import dev.sam2j.cuda.rows.SelectKernels;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Interpolation;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Every kernel variant, for checks that must leave none out. */
public final class PtxKernels {
    /** Columns per head of keys and of values, for every attention of the models. */
    public static final int[][] HEAD_DIMS = {{16, 16}, {32, 32}, {56, 56}, {72, 72}, {96, 96}, {256, 256}, {256, 64}};

    /** Variants of attention on tensor cores: few and many queries, windows of any size, whole and split keys. */
    public static final List<FlashAttentionConfig> FLASH_ATTENTION = flashAttention();

    /** Variants of attention for compute capability 9.0. */
    public static final List<HopperAttentionConfig> HOPPER_ATTENTION = hopperAttention();

    /** Variants of attention within windows for compute capability 9.0. */
    public static final List<HopperWindowConfig> HOPPER_WINDOWS = hopperWindows();

    private PtxKernels() {}

    private static List<HopperWindowConfig> hopperWindows() {
        Set<HopperWindowConfig> configs = new LinkedHashSet<>();
        for (DType type : ElementTypes.HALVES) {
            for (int[] dims : HEAD_DIMS) {
                for (int size : new int[] {7, 8, 14, 16}) {
                    HopperWindowConfig.of(type, dims[0], dims[1], size, 1).ifPresent(configs::add);
                }
            }
        }
        return List.copyOf(configs);
    }

    private static List<HopperAttentionConfig> hopperAttention() {
        List<HopperAttentionConfig> configs = new ArrayList<>();
        for (DType type : ElementTypes.HALVES) {
            for (int[] dims : HEAD_DIMS) {
                if (dims[0] > 32) {
                    configs.add(HopperAttentionConfig.of(type, dims[0], dims[1], false));
                    configs.add(HopperAttentionConfig.of(type, dims[0], dims[1], true));
                }
            }
        }
        return List.copyOf(configs);
    }

    private static List<FlashAttentionConfig> flashAttention() {
        Set<FlashAttentionConfig> configs = new LinkedHashSet<>();
        for (DType type : ElementTypes.HALVES) {
            for (int[] dims : HEAD_DIMS) {
                flashAttention(configs, type, dims);
            }
        }
        return List.copyOf(configs);
    }

    private static void flashAttention(Set<FlashAttentionConfig> configs, DType type, int[] dims) {
        for (int queries : new int[] {9, 4096}) {
            for (int keys : new int[] {9, 4096}) {
                for (int multiprocessors : new int[] {1, 132}) {
                    AttentionShape shape = new AttentionShape(type, dims[0], dims[1], queries, keys, 1, 1);
                    configs.add(AttentionPlan.global(shape, multiprocessors).config());
                }
            }
        }
        if (isTrunk(dims)) {
            configs.add(AttentionPlan.windowed(type, dims[0], dims[1], 4, 1).config());
            configs.add(AttentionPlan.windowed(type, dims[0], dims[1], 14, 1).config());
        }
    }

    /** Whether the dimensions are those of an image encoder, the only one with windows. */
    private static boolean isTrunk(int[] dims) {
        return dims[0] > 32 && dims[0] < 256;
    }

    /** All variants, each with its own entry name. */
    public static List<PtxKernel> all() {
        List<PtxKernel> kernels = new ArrayList<>();
        for (int width : new int[] {1, 4}) {
            for (DType in : DType.values()) {
                for (DType out : ElementTypes.companions(in)) {
                    typePair(kernels, in, out, width);
                }
                kernels.add(ElementwiseKernels.add(in, width));
                kernels.add(SelectKernels.pick(in, width));
                kernels.add(SelectKernels.where(in, width));
                kernels.add(ElementwiseKernels.unary(in, width));
                kernels.add(ConvolutionKernels.maxPool2d(in, width));
                kernels.add(ConvolutionKernels.depthwiseConv2d(in, width));
                for (Interpolation filter : Interpolation.values()) {
                    kernels.add(ResizeKernels.interpolate(in, filter, width));
                }
            }
            for (DType in : ElementTypes.FINER_THAN_BF16) {
                for (DType out : ElementTypes.FINER_THAN_BF16) {
                    kernels.add(ElementwiseKernels.roundToBf16(in, out, width));
                }
            }
        }
        for (DType type : DType.values()) {
            kernels.add(ElementwiseKernels.rotary(type));
            kernels.add(ElementwiseKernels.rotaryPairs(type));
            kernels.add(ResizeKernels.thresholdMask(type));
            kernels.add(ResizeKernels.maskStatistics(type));
            kernels.add(ResizeKernels.imageToTensor(type));
            kernels.add(ResizeKernels.imageToTensorUnscaled(type));
            kernels.add(DepthwiseStripsKernel.of(type, 7));
            for (DType out : ElementTypes.companions(type)) {
                for (LayerNormRegistersKernel.Layout layout : LayerNormRegistersKernel.Layout.all(type)) {
                    kernels.add(LayerNormRegistersKernel.of(type, out, layout));
                }
                kernels.add(ConvolutionKernels.im2col(type, out));
                kernels.add(ConvolutionKernels.im2colPixels(type, out));
                kernels.add(ConvolutionKernels.im2colChannels(type, out));
                kernels.add(ElementwiseKernels.epilogue(type, out, 8));
            }
        }
        for (DType half : ElementTypes.HALVES) {
            ofHalves(kernels, half);
        }
        kernels.add(ResizeKernels.resample8Bit());
        kernels.add(HoleKernels.label());
        kernels.add(HoleKernels.merge());
        kernels.add(HoleKernels.count());
        kernels.add(HoleKernels.apply());
        for (DType type : DType.values()) {
            kernels.add(AttentionCombineKernel.of(type));
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

    /** What exists for weights of two bytes only. */
    private static void ofHalves(List<PtxKernel> kernels, DType half) {
        for (LayerNormRegistersKernel.Layout layout : LayerNormRegistersKernel.Layout.allUpdating()) {
            kernels.add(LayerNormRegistersKernel.updating(half, layout));
        }
        for (DType out : ElementTypes.companions(half)) {
            kernels.add(FewRowsGemmKernel.of(half, out));
            for (DType in : ElementTypes.companions(half)) {
                kernels.add(DirectConvolutionKernel.of(half, in, out, 1, 3));
                kernels.add(DirectConvolutionKernel.of(half, in, out, 4, 3));
            }
        }
    }

    private static void typePair(List<PtxKernel> kernels, DType in, DType out, int width) {
        kernels.add(ElementwiseKernels.copy(in, out, width));
        kernels.add(LayerNormKernel.of(in, out, width));
        kernels.add(ElementwiseKernels.epilogue(in, out, width));
        kernels.add(ElementwiseKernels.pixelShuffle(in, out, width));
    }
}
