package dev.sam2j.cpu;

import dev.sam2j.cpu.bf16.Bf16Vectors;
import dev.sam2j.cpu.bf16.ScalarBf16AttentionTiles;
import dev.sam2j.cpu.bf16.ScalarBf16Gemm;
import dev.sam2j.cpu.bf16.X86Bf16;
import dev.sam2j.cpu.bf16.X86Bf16AttentionTiles;
import dev.sam2j.cpu.bf16.X86Bf16Gemm;

/**
 * Kernels whose matrix products and attention round their factors to bfloat16; sums and all other operations are in
 * float32.
 */
public final class Bf16Kernels {
    private Bf16Kernels() {}

    /**
     * The kernels of this machine.
     *
     * @throws UnsupportedOperationException where {@link #unavailableReason} gives a reason
     */
    public static CpuKernels choose() {
        String reason = unavailableReason();
        if (reason != null) {
            throw new UnsupportedOperationException("bfloat16 on the CPU: " + reason);
        }
        CpuKernels floats = CpuKernels.choose();
        return floats.with(
                "bfloat16 products by AVX512_BF16, ", new X86Bf16Gemm(), new X86Bf16AttentionTiles(floats.attention()));
    }

    /** The same arithmetic in plain Java, up to the order of sums: for comparison, slower than float32. */
    public static CpuKernels scalar() {
        CpuKernels floats = CpuKernels.scalar();
        return floats.with(
                "bfloat16 products by scalar code, ",
                new ScalarBf16Gemm(),
                new ScalarBf16AttentionTiles(floats.attention()));
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
}
