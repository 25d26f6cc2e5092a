package dev.sam2j.cpu.decoder;

import static dev.sam2j.cpu.products.CpuMatrix.floats;
import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.CpuBackend;
import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.products.GemmKernel;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.LowRankImage;
import dev.sam2j.tensor.LowRankOps;
import dev.sam2j.tensor.MaskUpscaling;
import dev.sam2j.tensor.Norm;
import dev.sam2j.tensor.Projection;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;

/** {@link LowRankOps} of {@link CpuBackend}. */
public final class CpuLowRank implements LowRankOps {
    /** Attentions to tokens that an image has room for. */
    private static final int UPDATES = 2;

    /** Floats of a cache line. */
    private static final int LINE = 16;
    /** Floats that the header of an array takes. */
    private static final int ARRAY_HEADER = 4;

    private final CpuKernels kernels;
    private final Parallel parallel;
    private final CpuTokens tokens;

    /** Operations beside those of {@code tokens}, with the same kernels. */
    public CpuLowRank(CpuKernels kernels, Parallel parallel, CpuTokens tokens) {
        this.kernels = kernels;
        this.parallel = parallel;
        this.tokens = tokens;
    }

    private record SharedImage(SharedRows image, SharedRows positions, int count, int channels) implements Shared {}

    private record Image(LowRankRows rows, int batch, int positions, int channels) implements LowRankImage {
        @Override
        public LowRankImage slice(int from, int to) {
            return new Image(rows.entries(from, to), to - from, positions, channels);
        }
    }

    /** The rows of both attentions must be fewer than channels; products of rows are cut into groups. */
    @Override
    public boolean suits(int tokens, int heads, int inner, int channels) {
        return capacity(tokens, heads) <= channels
                && inner / heads % LowRankLoops.ROW_GROUP == 0
                && channels <= GemmKernel.MAX_DEPTH;
    }

    private int capacity(int tokens, int heads) {
        return UPDATES * LowRankRows.added(kernels.gemm(), tokens, heads);
    }

    @Override
    public Shared share(Tensor image, Tensor positions) {
        int count = image.dim(1);
        int channels = image.cols();
        return new SharedImage(shared(image, count), shared(positions, count), count, channels);
    }

    private SharedRows shared(Tensor x, int count) {
        return new SharedRows(rows(x), count, x.cols(), kernels, parallel);
    }

    @Override
    public LowRankImage begin(Shared shared, int batch, int tokens, int heads, Workspace workspace) {
        SharedImage image = (SharedImage) shared;
        int width = kernels.gemm().panelWidth();
        int panels = (image.count() + width - 1) / width;
        int capacity = capacity(tokens, heads);
        LowRankRows rows = new LowRankRows(
                batch,
                width,
                capacity,
                aligned(workspace, batch, panels * LowRankRows.panelStride(capacity, width)),
                rows(workspace.allocate(Shape.of(batch, panels * width))),
                rows(workspace.allocate(Shape.of(batch, panels * width))),
                rows(workspace.allocate(Shape.of(batch * capacity, image.channels()))),
                image.positions(),
                image.image());
        return new Image(rows, batch, image.count(), image.channels());
    }

    /** Rows whose vectors do not reach over cache lines: a large array begins at a line, with its header. */
    private static Rows aligned(Workspace workspace, int rows, int columns) {
        Rows all = rows(workspace.allocate(Shape.of(rows * columns + LINE)));
        return new Rows(all.data(), all.offset() + LINE - ARRAY_HEADER, columns);
    }

    @Override
    public void attendImage(Tensor q, LowRankImage x, Projection key, Projection value, int heads, Tensor destination) {
        LowRankAttendImage.Problem problem = new LowRankAttendImage.Problem(
                ((Image) x).rows(),
                q.dim(1),
                heads,
                AttentionSpec.global(heads, q.cols()).scale(),
                rows(q),
                floats(key.matrix()),
                floats(value.matrix()),
                rows(value.bias()),
                rows(destination));
        LowRankAttendImage.run(problem, kernels, parallel);
    }

    @Override
    public void attendTokens(
            LowRankImage x, Tensor k, Tensor v, Projection query, Projection output, int heads, Norm norm) {
        LowRankAttendTokens.Problem problem = new LowRankAttendTokens.Problem(
                ((Image) x).rows(),
                k.dim(1),
                heads,
                AttentionSpec.global(heads, k.cols()).scale(),
                rows(k),
                rows(v),
                floats(query.matrix()),
                rows(query.bias()),
                floats(output.matrix()),
                rows(output.bias()),
                rows(norm.gamma()),
                rows(norm.beta()),
                norm.eps());
        LowRankAttendTokens.run(problem, kernels, parallel);
    }

    @Override
    public void drawMasks(
            LowRankImage image,
            MaskUpscaling layers,
            Tensor highRes0,
            Tensor highRes1,
            Tensor filters,
            Tensor destination) {
        tokens.drawMasks(
                image.batch(),
                highRes1.dim(1) / 2,
                highRes1.dim(2) / 2,
                null,
                ((Image) image).rows(),
                layers,
                highRes0,
                highRes1,
                filters,
                destination);
    }
}
