package dev.sam2j.cpu;

import dev.sam2j.cpu.attention.AttentionTiles;
import dev.sam2j.cpu.decoder.LowRankLoops;
import dev.sam2j.cpu.decoder.TokenLoops;
import dev.sam2j.cpu.math.Lanes;
import dev.sam2j.cpu.pictures.PictureKernels;
import dev.sam2j.cpu.products.GemmKernel;
import dev.sam2j.cpu.products.ProductKernel;
import dev.sam2j.cpu.rows.RowKernels;

/**
 * The innermost loops of all operations in one implementation: {@link VectorKernels} on the Vector API or {@link
 * ScalarKernels} in plain Java. The classes around them (blocking, packing, threads) are shared.
 *
 * <p>The system property {@value #PROPERTY} forces a choice: {@code scalar}, or {@code 128}, {@code 256} or {@code 512}
 * for the width of vectors in bits, which is fixed for the life of the process.
 */
public interface CpuKernels {
    /** Name of the system property that forces the implementation. */
    String PROPERTY = Lanes.PROPERTY;

    /** What runs, for people: {@code 512-bit vectors} or {@code scalar code}. */
    String description();

    /** Whether these are vector code, which is slow until the JVM has compiled it. */
    default boolean needsWarmUp() {
        return false;
    }

    /** Tiles and epilogues of matrix products with weights, and of queries with keys. */
    default ProductKernel products() {
        return gemm();
    }

    /** Tiles of products in float32, as other operations use them. */
    GemmKernel gemm();

    /** Loops over adjacent values. */
    RowKernels rows();

    /** Loops over pixels. */
    PictureKernels pictures();

    /** Tiles of attention. */
    AttentionTiles attention();

    /** Loops between tokens and image. */
    TokenLoops tokens();

    /** Loops on images that differ between prompts by few rows. */
    LowRankLoops lowRank();

    /**
     * The fastest implementation this process can run. Where the Vector API is not available this is the scalar one,
     * and a warning names the missing flag; no class of the Vector API is touched then.
     *
     * @throws IllegalArgumentException if the system property has an unknown value
     */
    static CpuKernels choose() {
        String forced = System.getProperty(PROPERTY, "");
        if (!forced.matches("|scalar|128|256|512")) {
            throw new IllegalArgumentException(PROPERTY + ": expected scalar, 128, 256 or 512, got " + forced);
        }
        if (forced.equals("scalar")) {
            return new ScalarKernels();
        }
        if (!vectorModulePresent()) {
            System.getLogger(CpuKernels.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "The CPU backend runs slow scalar code; "
                                    + "start Java with --add-modules jdk.incubator.vector");
            return new ScalarKernels();
        }
        return new VectorKernels();
    }

    /** Whether the process was started with {@code --add-modules jdk.incubator.vector}. */
    static boolean vectorModulePresent() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    }
}
