package dev.sam2j.cuda.attention;

import dev.sam2j.cuda.ptx.ElementTypes;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.tensor.DType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Every variant of the kernels for attention. */
public final class AttentionKernels {
    /** Columns per head of keys and of values, for every attention of the models. */
    public static final int[][] HEAD_DIMS = {{16, 16}, {32, 32}, {56, 56}, {72, 72}, {96, 96}, {256, 256}, {256, 64}};

    /** Variants of attention on tensor cores: few and many queries, windows of any size, whole and split keys. */
    public static final List<FlashAttentionConfig> FLASH_ATTENTION = flashAttention();

    /** Variants of attention for compute capability 9.0. */
    public static final List<HopperAttentionConfig> HOPPER_ATTENTION = hopperAttention();

    /** Variants of attention within windows for compute capability 9.0. */
    public static final List<HopperWindowConfig> HOPPER_WINDOWS = hopperWindows();

    private AttentionKernels() {}

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

    /** All variants. */
    public static List<PtxSource> all() {
        List<PtxSource> kernels = new ArrayList<>();
        kernels.addAll(FLASH_ATTENTION);
        kernels.addAll(HOPPER_ATTENTION);
        kernels.addAll(HOPPER_WINDOWS);
        for (DType type : DType.values()) {
            kernels.add(new AttentionCombineKernel(type));
        }
        for (int[] dims : HEAD_DIMS) {
            kernels.add(new AttentionF32Kernel.Config(dims[0], dims[1], false));
            if (isTrunk(dims)) {
                kernels.add(new AttentionF32Kernel.Config(dims[0], dims[1], true));
            }
        }
        return kernels;
    }
}
