package dev.sam2j.cpu.decoder;

import static dev.sam2j.cpu.products.CpuMatrix.floats;
import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.CpuBackend;
import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.attention.MapAttention;
import dev.sam2j.cpu.products.GemmKernel;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.MaskUpscaling;
import dev.sam2j.tensor.Norm;
import dev.sam2j.tensor.Projection;
import dev.sam2j.tensor.Tensor;

/** The operations of {@link CpuBackend} between tokens and image, where their fused forms pay. */
public final class CpuTokens {
    private final CpuKernels kernels;
    private final Parallel parallel;

    /** The operations on these kernels and threads. */
    public CpuTokens(CpuKernels kernels, Parallel parallel) {
        this.kernels = kernels;
        this.parallel = parallel;
    }

    /**
     * Whether projections move to the tokens: then a product of the image with {@code tokens * heads} vectors takes the
     * place of one with {@code inner}.
     */
    public boolean folds(int tokens, int heads, int inner, int channels) {
        return Integer.bitCount(heads) == 1
                && kernels.gemm().panelWidth() % heads == 0
                && tokens * heads <= inner
                && Math.max(inner, channels) <= GemmKernel.MAX_DEPTH
                && channels % kernels.gemm().columnTileRows() == 0;
    }

    /** Whether keys of maps need not be projected: columns and rows of the grid are taken apart instead. */
    public boolean separates(int channels, Tensor memories, int placeless, Tensor rotary) {
        int side = side(rotary);
        int maps = (memories.dim(1) - placeless) / rotary.rows();
        return side * side == rotary.rows() && MapAttention.suits(side, maps, channels, memories.cols());
    }

    private static int side(Tensor rotary) {
        return (int) Math.round(Math.sqrt(rotary.rows()));
    }

    /** See {@link dev.sam2j.tensor.Backend#attendMaps}. */
    public void attendMaps(
            Tensor q,
            Tensor memories,
            Tensor positions,
            int placeless,
            Projection key,
            Tensor rotary,
            Tensor destination) {
        MapAttention.Problem problem = new MapAttention.Problem(
                AttentionSpec.global(1, q.cols()).scale(),
                q.dim(1),
                side(rotary),
                (memories.dim(1) - placeless) / rotary.rows(),
                placeless,
                rows(q),
                rows(memories),
                rows(positions),
                floats(key.matrix()),
                key.bias(),
                rows(rotary),
                rows(destination));
        MapAttention.run(problem, kernels, parallel);
    }

    /** See {@link dev.sam2j.tensor.Backend#attendImage}. */
    public void attendImage(
            Tensor q, Tensor x, Tensor positions, Projection key, Projection value, int heads, Tensor destination) {
        AttendImage.Problem problem = new AttendImage.Problem(
                q.dim(0),
                q.dim(1),
                heads,
                AttentionSpec.global(heads, q.cols()).scale(),
                x.dim(1),
                x.cols(),
                rows(q),
                rows(x),
                x.dim(0) == 1,
                rows(positions),
                floats(key.matrix()),
                floats(value.matrix()),
                rows(value.bias()),
                rows(destination));
        AttendImage.run(problem, kernels, parallel);
    }

    /** See {@link dev.sam2j.tensor.Backend#attendTokens}. */
    public void attendTokens(
            Tensor x,
            Tensor positions,
            Tensor k,
            Tensor v,
            Projection query,
            Projection output,
            int heads,
            Norm norm,
            Tensor destination) {
        AttendTokens.Problem problem = new AttendTokens.Problem(
                k.dim(0),
                k.dim(1),
                heads,
                AttentionSpec.global(heads, k.cols()).scale(),
                x.dim(1),
                x.cols(),
                rows(x),
                x.dim(0) == 1,
                rows(positions),
                rows(k),
                rows(v),
                floats(query.matrix()),
                rows(query.bias()),
                floats(output.matrix()),
                rows(output.bias()),
                rows(norm.gamma()),
                rows(norm.beta()),
                norm.eps(),
                rows(destination));
        AttendTokens.run(problem, kernels, parallel);
    }

    /** Whether {@link #drawMasks} suits these layers. */
    public boolean draws(MaskUpscaling layers) {
        return DrawMasks.suits(
                kernels.gemm(),
                floats(layers.up1().matrix()),
                floats(layers.up2().matrix()));
    }

    /** See {@link dev.sam2j.tensor.Backend#drawMasks}. */
    public void drawMasks(
            Tensor image, MaskUpscaling layers, Tensor highRes0, Tensor highRes1, Tensor filters, Tensor destination) {
        drawMasks(
                image.dim(0),
                image.dim(1),
                image.dim(2),
                rows(image),
                null,
                layers,
                highRes0,
                highRes1,
                filters,
                destination);
    }

    /** Draws the masks of an image in either form. */
    public void drawMasks(
            int batch,
            int height,
            int width,
            Rows image,
            LowRankRows lowRank,
            MaskUpscaling layers,
            Tensor highRes0,
            Tensor highRes1,
            Tensor filters,
            Tensor destination) {
        DrawMasks.Problem problem = new DrawMasks.Problem(
                batch,
                height,
                width,
                filters.dim(1),
                image,
                lowRank,
                floats(layers.up1().matrix()),
                rows(layers.up1().bias()),
                rows(highRes1),
                rows(layers.norm().gamma()),
                rows(layers.norm().beta()),
                layers.norm().eps(),
                floats(layers.up2().matrix()),
                rows(layers.up2().bias()),
                rows(highRes0),
                rows(filters),
                rows(destination));
        DrawMasks.run(problem, kernels, parallel);
    }
}
