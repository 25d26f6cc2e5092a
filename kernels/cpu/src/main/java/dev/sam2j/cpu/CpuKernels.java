package dev.sam2j.cpu;

import dev.sam2j.cpu.attention.AttentionTiles;
import dev.sam2j.cpu.attention.VectorAttentionTiles;
import dev.sam2j.cpu.decoder.LowRankLoops;
import dev.sam2j.cpu.decoder.TokenLoops;
import dev.sam2j.cpu.decoder.VectorLowRankLoops;
import dev.sam2j.cpu.decoder.VectorTokenLoops;
import dev.sam2j.cpu.math.Lanes;
import dev.sam2j.cpu.pictures.PictureKernels;
import dev.sam2j.cpu.pictures.VectorPictureKernels;
import dev.sam2j.cpu.products.GemmKernel;
import dev.sam2j.cpu.products.ProductKernel;
import dev.sam2j.cpu.products.VectorGemm;
import dev.sam2j.cpu.rows.RowKernels;
import dev.sam2j.cpu.rows.VectorRowKernels;
import dev.sam2j.cpu.training.BackwardLoops;
import dev.sam2j.cpu.training.ElementLoops;
import dev.sam2j.cpu.training.MaskLossLoops;
import dev.sam2j.cpu.training.VectorBackwardLoops;
import dev.sam2j.cpu.training.VectorElementLoops;
import dev.sam2j.cpu.training.VectorMaskLossLoops;

/**
 * The innermost loops of all operations in one implementation: on the Vector API or in plain Java. The classes around
 * them (blocking, packing, threads) are shared.
 *
 * <p>The system property {@value #PROPERTY} forces a choice: {@code scalar}, or {@code 128}, {@code 256} or {@code 512}
 * for the width of vectors in bits, which is fixed for the life of the process.
 *
 * @param description what runs, for people: {@code 512-bit vectors} or {@code scalar code}
 * @param needsWarmUp whether these are vector code, which is slow until the JVM has compiled it
 * @param products tiles of matrix products with weights, and of queries with keys
 * @param gemm tiles of products in float32, as other operations use them
 * @param rows loops over adjacent values
 * @param pictures loops over pixels
 * @param attention tiles of attention
 * @param floatAttention tiles of attention in float32, as training uses them
 * @param backward loops of the adjoints of layer norm and attention
 * @param tokens loops between tokens and image
 * @param lowRank loops on images that differ between prompts by few rows
 * @param elements loops of training over corresponding elements
 * @param maskLoss loops over the pixels of a mask that is compared with the truth
 */
public record CpuKernels(
        String description,
        boolean needsWarmUp,
        ProductKernel products,
        GemmKernel gemm,
        RowKernels rows,
        PictureKernels pictures,
        AttentionTiles attention,
        AttentionTiles floatAttention,
        BackwardLoops backward,
        TokenLoops tokens,
        LowRankLoops lowRank,
        ElementLoops elements,
        MaskLossLoops maskLoss) {
    /** Name of the system property that forces the implementation. */
    public static final String PROPERTY = Lanes.PROPERTY;

    /** Plain Java, for processes without the Vector API. */
    public static CpuKernels scalar() {
        GemmKernel gemm = new GemmKernel();
        AttentionTiles attention = new AttentionTiles();
        return new CpuKernels(
                "scalar code",
                false,
                gemm,
                gemm,
                new RowKernels(),
                new PictureKernels(),
                attention,
                attention,
                new BackwardLoops(),
                new TokenLoops(),
                new LowRankLoops(),
                new ElementLoops(),
                new MaskLossLoops());
    }

    /** The Vector API; needs {@code --add-modules jdk.incubator.vector}. */
    public static CpuKernels vector() {
        GemmKernel gemm = new VectorGemm();
        AttentionTiles attention = new VectorAttentionTiles();
        return new CpuKernels(
                Lanes.SPECIES.vectorBitSize() + "-bit vectors",
                true,
                gemm,
                gemm,
                new VectorRowKernels(),
                new VectorPictureKernels(),
                attention,
                attention,
                new VectorBackwardLoops(),
                new VectorTokenLoops(),
                new VectorLowRankLoops(),
                new VectorElementLoops(),
                new VectorMaskLossLoops());
    }

    /** These with other tiles for products and attention. */
    CpuKernels with(String prefix, ProductKernel otherProducts, AttentionTiles otherAttention) {
        return new CpuKernels(
                prefix + description,
                needsWarmUp,
                otherProducts,
                gemm,
                rows,
                pictures,
                otherAttention,
                floatAttention,
                backward,
                tokens,
                lowRank,
                elements,
                maskLoss);
    }

    /**
     * The fastest implementation this process can run. Where the Vector API is not available this is the scalar one,
     * and a warning names the missing flag; no class of the Vector API is touched then.
     *
     * @throws IllegalArgumentException if the system property has an unknown value
     */
    public static CpuKernels choose() {
        String forced = System.getProperty(PROPERTY, "");
        if (!forced.matches("|scalar|128|256|512")) {
            throw new IllegalArgumentException(PROPERTY + ": expected scalar, 128, 256 or 512, got " + forced);
        }
        if (forced.equals("scalar")) {
            return scalar();
        }
        if (!vectorModulePresent()) {
            System.getLogger(CpuKernels.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "The CPU backend runs slow scalar code; "
                                    + "start Java with --add-modules jdk.incubator.vector");
            return scalar();
        }
        return vector();
    }

    /** Whether the process was started with {@code --add-modules jdk.incubator.vector}. */
    static boolean vectorModulePresent() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    }
}
