package dev.sam2j.cpu;

import dev.sam2j.cpu.attention.AttentionTiles;
import dev.sam2j.cpu.decoder.LowRankLoops;
import dev.sam2j.cpu.decoder.ScalarLowRankLoops;
import dev.sam2j.cpu.decoder.ScalarTokenLoops;
import dev.sam2j.cpu.decoder.TokenLoops;
import dev.sam2j.cpu.pictures.PictureKernels;
import dev.sam2j.cpu.products.GemmKernel;
import dev.sam2j.cpu.rows.RowKernels;

/** Kernels in plain Java, for processes without the Vector API. */
public final class ScalarKernels implements CpuKernels {
    @Override
    public String description() {
        return "scalar code";
    }

    @Override
    public GemmKernel gemm() {
        return new GemmKernel();
    }

    @Override
    public RowKernels rows() {
        return new RowKernels();
    }

    @Override
    public PictureKernels pictures() {
        return new PictureKernels();
    }

    @Override
    public AttentionTiles attention() {
        return new AttentionTiles();
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
