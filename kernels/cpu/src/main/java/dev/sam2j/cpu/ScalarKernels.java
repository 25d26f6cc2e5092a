package dev.sam2j.cpu;

/** Kernels in plain Java, for processes without the Vector API. */
public final class ScalarKernels implements CpuKernels {
    @Override
    public String description() {
        return "scalar code";
    }

    @Override
    public GemmKernel gemm() {
        return new ScalarGemm();
    }

    @Override
    public RowKernels rows() {
        return new ScalarRowKernels();
    }

    @Override
    public AttentionTiles attention() {
        return new ScalarAttentionTiles();
    }

    @Override
    public TokenLoops tokens() {
        return new ScalarTokenLoops();
    }

    @Override
    public LowRankLoops lowRank() {
        return new ScalarLowRankLoops();
    }
}
