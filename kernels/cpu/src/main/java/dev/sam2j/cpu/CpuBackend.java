package dev.sam2j.cpu;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.Precision;
import dev.sam2j.cpu.attention.Attention;
import dev.sam2j.cpu.decoder.CpuLowRank;
import dev.sam2j.cpu.decoder.CpuTokens;
import dev.sam2j.cpu.pictures.DepthwiseConv2d;
import dev.sam2j.cpu.pictures.ImageToTensor;
import dev.sam2j.cpu.pictures.Interpolate;
import dev.sam2j.cpu.pictures.MaxPool2d;
import dev.sam2j.cpu.pictures.ThresholdMask;
import dev.sam2j.cpu.products.Conv2d;
import dev.sam2j.cpu.products.ConvTranspose2d;
import dev.sam2j.cpu.products.CpuMatrix;
import dev.sam2j.cpu.products.Gemm;
import dev.sam2j.cpu.products.Matmul;
import dev.sam2j.cpu.products.Mlp;
import dev.sam2j.cpu.rows.Add;
import dev.sam2j.cpu.rows.Copy;
import dev.sam2j.cpu.rows.LayerNorm;
import dev.sam2j.cpu.rows.Rotary;
import dev.sam2j.cpu.rows.RoundToBf16;
import dev.sam2j.cpu.rows.Unary;
import dev.sam2j.cpu.runtime.CpuStorage;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.LowRankOps;
import dev.sam2j.tensor.MaskCounts;
import dev.sam2j.tensor.MaskUpscaling;
import dev.sam2j.tensor.Norm;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Projection;
import dev.sam2j.tensor.ResizeFilter;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import dev.sam2j.tensor.host.HoleFilling;
import java.util.Optional;

/**
 * Runs on the processor, in float32 on the Java heap; the factors of matrix products and of attention may be rounded to
 * bfloat16 ({@link dev.sam2j.cpu.Bf16Kernels}).
 */
public final class CpuBackend implements Backend {
    private final Parallel parallel;
    private final CpuKernels kernels;
    private final Gemm gemm;
    private final CpuTokens tokens;
    private final CpuLowRank lowRank;

    /** A backend with one thread per processor and the fastest kernels this process can run. */
    public CpuBackend() {
        this(Runtime.getRuntime().availableProcessors());
    }

    /**
     * A backend with the fastest kernels this process can run.
     *
     * @param threads threads that work on one operation, the caller included; at least 1
     */
    public CpuBackend(int threads) {
        this(threads, CpuKernels.choose());
    }

    /** A backend with the given kernels. */
    public CpuBackend(int threads, CpuKernels kernels) {
        this(threads, kernels, KernelWarmUp.start(kernels));
    }

    /** A backend whose first operation waits until {@code warmUp} has ended, unless that is null. */
    CpuBackend(int threads, CpuKernels kernels, Thread warmUp) {
        this.parallel = new Parallel(threads);
        parallel.waitFor(warmUp);
        this.kernels = kernels;
        this.gemm = new Gemm(kernels.products(), kernels.rows(), parallel);
        this.tokens = new CpuTokens(kernels, parallel);
        this.lowRank = new CpuLowRank(kernels, parallel, tokens);
    }

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public String description() {
        int threads = parallel.threads();
        return "CPU, " + kernels.description() + ", " + threads + (threads == 1 ? " thread" : " threads");
    }

    @Override
    public Precision precision() {
        return kernels.products().valuesPerWord() == 1 ? Precision.FP32 : Precision.BF16;
    }

    @Override
    public Storage allocate(DType dtype, long elements) {
        if (dtype != DType.F32) {
            throw new IllegalArgumentException("allocate: the CPU backend computes in F32, got " + dtype);
        }
        if (elements > Integer.MAX_VALUE - 8) {
            throw new OutOfMemoryError("allocate: " + elements + " float32 values exceed the largest Java array");
        }
        try {
            return new CpuStorage((int) elements);
        } catch (OutOfMemoryError e) {
            throw (OutOfMemoryError) new OutOfMemoryError("allocate: no room for " + elements + " float32 values ("
                            + (elements >> 18) + " MiB) on the Java heap, see -Xmx")
                    .initCause(e);
        }
    }

    @Override
    public void upload(float[] source, int offset, Tensor destination) {
        float[] data = CpuStorage.data(destination);
        int start = CpuStorage.offset(destination);
        int cols = destination.cols();
        int rows = destination.rows();
        for (int r = 0; r < rows; r++) {
            System.arraycopy(source, offset + r * cols, data, start + r * destination.rowStride(), cols);
        }
    }

    @Override
    public void download(Tensor source, float[] destination, int offset) {
        float[] data = CpuStorage.data(source);
        int start = CpuStorage.offset(source);
        int cols = source.cols();
        int rows = source.rows();
        for (int r = 0; r < rows; r++) {
            System.arraycopy(data, start + r * source.rowStride(), destination, offset + r * cols, cols);
        }
    }

    @Override
    public PackedMatrix pack(float[] matrix, int out, int in) {
        return CpuMatrix.pack(matrix, out, in, kernels.products(), kernels.gemm(), parallel);
    }

    @Override
    public void gemm(Tensor x, PackedMatrix w, Epilogue epilogue, Tensor destination) {
        gemm.run(x, w, epilogue, destination);
    }

    @Override
    public void matmul(Tensor a, Tensor b, Tensor destination) {
        Matmul.run(a, b, destination, gemm);
    }

    @Override
    public void mlp(
            Tensor x,
            PackedMatrix w1,
            Tensor bias1,
            Activation activation,
            PackedMatrix w2,
            Epilogue epilogue2,
            Tensor destination,
            Workspace workspace) {
        if (Mlp.suits(x.rows(), gemm)) {
            Mlp.run(x, w1, bias1, activation, w2, epilogue2, destination, gemm);
        } else {
            Backend.super.mlp(x, w1, bias1, activation, w2, epilogue2, destination, workspace);
        }
    }

    @Override
    public void attention(Tensor q, Tensor k, Tensor v, AttentionSpec spec, Tensor destination) {
        Attention.run(q, k, v, spec, destination, kernels.attention(), kernels.products(), parallel);
    }

    @Override
    public void attendMaps(
            Tensor q,
            Tensor memories,
            Tensor positions,
            int placeless,
            Projection key,
            Tensor rotary,
            Tensor destination,
            Workspace workspace) {
        if (tokens.separates(q.cols(), memories, placeless, rotary)) {
            tokens.attendMaps(q, memories, positions, placeless, key, rotary, destination);
        } else {
            Backend.super.attendMaps(q, memories, positions, placeless, key, rotary, destination, workspace);
        }
    }

    @Override
    public void attendImage(
            Tensor q,
            Tensor x,
            Tensor positions,
            Projection key,
            Projection value,
            int heads,
            Tensor destination,
            Workspace workspace) {
        if (tokens.folds(q.dim(1), heads, q.cols(), x.cols())) {
            tokens.attendImage(q, x, positions, key, value, heads, destination);
        } else {
            Backend.super.attendImage(q, x, positions, key, value, heads, destination, workspace);
        }
    }

    @Override
    public void attendTokens(
            Tensor x,
            Tensor positions,
            Tensor k,
            Tensor v,
            Projection query,
            Projection output,
            int heads,
            Norm norm,
            Tensor destination,
            Workspace workspace) {
        if (tokens.folds(k.dim(1), heads, k.cols(), x.cols())) {
            tokens.attendTokens(x, positions, k, v, query, output, heads, norm, destination);
        } else {
            Backend.super.attendTokens(x, positions, k, v, query, output, heads, norm, destination, workspace);
        }
    }

    @Override
    public void drawMasks(
            Tensor image,
            MaskUpscaling layers,
            Tensor highRes0,
            Tensor highRes1,
            Tensor filters,
            Tensor destination,
            Workspace workspace) {
        if (tokens.draws(layers)) {
            tokens.drawMasks(image, layers, highRes0, highRes1, filters, destination);
        } else {
            Backend.super.drawMasks(image, layers, highRes0, highRes1, filters, destination, workspace);
        }
    }

    @Override
    public Optional<LowRankOps> lowRank() {
        return Optional.of(lowRank);
    }

    @Override
    public void layerNorm(Tensor x, Tensor gamma, Tensor beta, float eps, Activation activation, Tensor destination) {
        LayerNorm.run(x, gamma, beta, eps, activation, destination, kernels.rows(), parallel);
    }

    @Override
    public void conv2d(Tensor x, PackedMatrix w, Conv2dSpec spec, Epilogue epilogue, Tensor destination) {
        Conv2d.run(x, w, spec, epilogue, destination, gemm);
    }

    @Override
    public void depthwiseConv2d(Tensor x, Tensor weight, Tensor bias, Conv2dSpec spec, Tensor destination) {
        DepthwiseConv2d.run(x, weight, bias, spec, destination, kernels.pictures(), parallel);
    }

    @Override
    public void convTranspose2d(Tensor x, PackedMatrix w, Epilogue epilogue, Tensor destination) {
        ConvTranspose2d.run(x, w, epilogue, destination, gemm);
    }

    @Override
    public void maxPool2d(Tensor x, Tensor destination) {
        MaxPool2d.run(x, destination, kernels.pictures(), parallel);
    }

    @Override
    public void interpolate(Tensor x, Interpolation filter, Tensor destination) {
        Interpolate.run(x, filter, destination, kernels.pictures(), parallel);
    }

    @Override
    public void add(Tensor a, float alpha, Tensor b, float beta, Tensor destination) {
        Add.run(a, alpha, b, beta, destination, kernels.rows(), parallel);
    }

    @Override
    public void unary(Tensor x, float scale, float shift, Activation activation, Tensor destination) {
        Unary.run(x, scale, shift, activation, destination, kernels.rows(), parallel);
    }

    @Override
    public void rotary(Tensor x, Tensor table, Tensor destination) {
        Rotary.run(x, table, destination, parallel);
    }

    @Override
    public void copy(Tensor source, Tensor destination) {
        Copy.run(source, destination, parallel);
    }

    @Override
    public void roundToBf16(Tensor x, Tensor destination) {
        RoundToBf16.run(x, destination, kernels.rows(), parallel);
    }

    @Override
    public void imageToTensor(
            byte[] rgb, int height, int width, ResizeFilter filter, float[] mean, float[] std, Tensor destination) {
        ImageToTensor.run(rgb, height, width, filter, mean, std, destination, parallel);
    }

    @Override
    public void thresholdMask(Tensor logits, int height, int width, float threshold, long[] bits, int offset) {
        maskStatistics(logits, height, width, threshold, threshold, threshold, bits, offset);
    }

    @Override
    public MaskCounts maskStatistics(
            Tensor logits, int height, int width, float low, float middle, float high, long[] bits, int offset) {
        return ThresholdMask.run(logits, height, width, low, middle, high, bits, offset, kernels.pictures(), parallel);
    }

    @Override
    public void fillHoles(Tensor logits, int maxArea, float value) {
        Rows maps = rows(logits);
        int height = logits.dim(1);
        int width = logits.dim(2);
        parallel.forRange(logits.dim(0), 1, (from, to, scratch) -> {
            for (int entry = from; entry < to; entry++) {
                HoleFilling.run(maps.data(), maps.at(entry * height), height, width, maxArea, value);
            }
        });
    }

    @Override
    public void close() {
        parallel.close();
    }
}
