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
import dev.sam2j.cpu.products.VectorGemm;
import dev.sam2j.cpu.rows.RowKernels;
import dev.sam2j.cpu.rows.VectorRowKernels;

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
    public PictureKernels pictures() {
        return new VectorPictureKernels();
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
