package dev.sam2j.kernels.cpu;

/**
 * Kernels whose matrix products and attention round their factors to bfloat16; sums and all other operations are in
 * float32.
 */
public final class Bf16Kernels implements CpuKernels {
    private final CpuKernels floats;
    private final Bf16Loops loops;

    private Bf16Kernels(CpuKernels floats, Bf16Loops loops) {
        this.floats = floats;
        this.loops = loops;
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
        return new Bf16Kernels(CpuKernels.choose(), new X86Bf16Loops());
    }

    /** The same arithmetic in plain Java, up to the order of sums: for comparison, slower than float32. */
    public static Bf16Kernels scalar() {
        return new Bf16Kernels(new ScalarKernels(), new ScalarBf16Loops());
    }

    /** What this process lacks for fast bfloat16 products, as a sentence, or null if it lacks nothing. */
    public static String unavailableReason() {
        String reason = X86Bf16Loops.unavailableReason();
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
        return "bfloat16 products by " + loops.description() + ", " + floats.description();
    }

    @Override
    public boolean needsWarmUp() {
        return floats.needsWarmUp();
    }

    @Override
    public ProductKernel products() {
        return new Bf16Gemm(loops, floats.gemm());
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
    public AttentionTiles attention() {
        return new Bf16AttentionTiles(loops, floats.attention());
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
