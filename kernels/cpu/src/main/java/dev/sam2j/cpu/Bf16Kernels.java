package dev.sam2j.cpu;

import dev.sam2j.cpu.attention.AttentionTiles;
import dev.sam2j.cpu.bf16.Bf16Vectors;
import dev.sam2j.cpu.bf16.ScalarBf16AttentionTiles;
import dev.sam2j.cpu.bf16.ScalarBf16Gemm;
import dev.sam2j.cpu.bf16.X86Bf16;
import dev.sam2j.cpu.bf16.X86Bf16AttentionTiles;
import dev.sam2j.cpu.bf16.X86Bf16Gemm;
import dev.sam2j.cpu.decoder.LowRankLoops;
import dev.sam2j.cpu.decoder.TokenLoops;
import dev.sam2j.cpu.pictures.PictureKernels;
import dev.sam2j.cpu.products.GemmKernel;
import dev.sam2j.cpu.products.ProductKernel;
import dev.sam2j.cpu.rows.RowKernels;

/**
 * Kernels whose matrix products and attention round their factors to bfloat16; sums and all other operations are in
 * float32.
 */
public final class Bf16Kernels implements CpuKernels {
    private final String multiplier;
    private final CpuKernels floats;
    private final ProductKernel products;
    private final AttentionTiles attention;

    private Bf16Kernels(String multiplier, CpuKernels floats, ProductKernel products, AttentionTiles attention) {
        this.multiplier = multiplier;
        this.floats = floats;
        this.products = products;
        this.attention = attention;
    }

    /**
     * The kernels of this machine.
     *
     * @throws UnsupportedOperationException where {@link #unavailableReason} gives a reason
     */
    public static Bf16Kernels choose() {
        String reason = unavailableReason();
        if (reason != null) {
            throw new UnsupportedOperationException("bfloat16 on the CPU: " + reason);
        }
        CpuKernels floats = CpuKernels.choose();
        return new Bf16Kernels("AVX512_BF16", floats, new X86Bf16Gemm(), new X86Bf16AttentionTiles(floats.attention()));
    }

    /** The same arithmetic in plain Java, up to the order of sums: for comparison, slower than float32. */
    public static Bf16Kernels scalar() {
        CpuKernels floats = new ScalarKernels();
        return new Bf16Kernels(
                "scalar code", floats, new ScalarBf16Gemm(), new ScalarBf16AttentionTiles(floats.attention()));
    }

    /** What this process lacks for fast bfloat16 products, as a sentence, or null if it lacks nothing. */
    public static String unavailableReason() {
        String reason = X86Bf16.unavailableReason();
        if (reason != null) {
            return reason;
        }
        if (!CpuKernels.vectorModulePresent()) {
            return "it needs Java to be started with --add-modules jdk.incubator.vector";
        }
        return Bf16Vectors.areWide() ? null : "it needs vectors of 512 bits, which this Java does not use";
    }

    @Override
    public String description() {
        return "bfloat16 products by " + multiplier + ", " + floats.description();
    }

    @Override
    public boolean needsWarmUp() {
        return floats.needsWarmUp();
    }

    @Override
    public ProductKernel products() {
        return products;
    }

    @Override
    public GemmKernel gemm() {
        return floats.gemm();
    }

    @Override
    public RowKernels rows() {
        return floats.rows();
    }

    @Override
    public PictureKernels pictures() {
        return floats.pictures();
    }

    @Override
    public AttentionTiles attention() {
        return attention;
    }

    @Override
    public TokenLoops tokens() {
        return floats.tokens();
    }

    @Override
    public LowRankLoops lowRank() {
        return floats.lowRank();
    }
}
