package dev.sam2j.cpu;

/** Kernels on the Vector API; needs {@code --add-modules jdk.incubator.vector}. */
public final class VectorKernels implements CpuKernels {
    @Override
    public String description() {
        return Lanes.SPECIES.vectorBitSize() + "-bit vectors";
    }

    @Override
    public boolean needsWarmUp() {
        return true;
    }

    @Override
    public GemmKernel gemm() {
        return new VectorGemm();
    }

    @Override
    public RowKernels rows() {
        return new VectorRowKernels();
    }

    @Override
    public AttentionTiles attention() {
        return new VectorAttentionTiles();
    }

    @Override
    public TokenLoops tokens() {
        return new VectorTokenLoops();
    }

    @Override
    public LowRankLoops lowRank() {
        return new VectorLowRankLoops();
    }
}
