package dev.sam2j.tensor.cpu;

import dev.sam2j.kernels.cpu.CpuKernels;
import dev.sam2j.kernels.cpu.Parallel;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.ResizeFilter;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;

/** Runs on the processor, in float32 on the Java heap. */
public final class CpuBackend implements Backend {
    private final Parallel parallel;
    private final CpuKernels kernels;
    private final CpuProducts products;

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
        this.parallel = new Parallel(threads);
        this.kernels = kernels;
        this.products = new CpuProducts(kernels.gemm(), parallel);
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
            throw (OutOfMemoryError) new OutOfMemoryError("allocate: no room for " + elements
                    + " float32 values (" + (elements >> 18) + " MiB) on the Java heap, see -Xmx").initCause(e);
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
        return products.pack(matrix, out, in);
    }

    @Override
    public void gemm(Tensor x, PackedMatrix w, Epilogue epilogue, Tensor destination) {
        products.gemm(x, w, epilogue, destination);
    }

    @Override
    public void matmul(Tensor a, Tensor b, Tensor destination) {
        products.matmul(a, b, destination);
    }

    @Override
    public void mlp(Tensor x, PackedMatrix w1, Tensor bias1, Activation activation, PackedMatrix w2, Epilogue epilogue2,
            Tensor destination, Workspace workspace) {
        if (products.fuses(x, w1)) {
            products.mlp(x, w1, bias1, activation, w2, epilogue2, destination);
        } else {
            Backend.super.mlp(x, w1, bias1, activation, w2, epilogue2, destination, workspace);
        }
    }

    @Override
    public void attention(Tensor q, Tensor k, Tensor v, AttentionSpec spec, Tensor destination) {
        throw new UnsupportedOperationException("attention");
    }

    @Override
    public void layerNorm(Tensor x, Tensor gamma, Tensor beta, float eps, Activation activation, Tensor destination) {
        throw new UnsupportedOperationException("layerNorm");
    }

    @Override
    public void conv2d(Tensor x, PackedMatrix w, Conv2dSpec spec, Epilogue epilogue, Tensor destination) {
        products.conv2d(x, w, spec, epilogue, destination);
    }

    @Override
    public void depthwiseConv2d(Tensor x, Tensor weight, Tensor bias, Conv2dSpec spec, Tensor destination) {
        throw new UnsupportedOperationException("depthwiseConv2d");
    }

    @Override
    public void convTranspose2d(Tensor x, PackedMatrix w, Epilogue epilogue, Tensor destination) {
        products.convTranspose2d(x, w, epilogue, destination);
    }

    @Override
    public void maxPool2d(Tensor x, Tensor destination) {
        throw new UnsupportedOperationException("maxPool2d");
    }

    @Override
    public void interpolate(Tensor x, Interpolation filter, Tensor destination) {
        throw new UnsupportedOperationException("interpolate");
    }

    @Override
    public void add(Tensor a, float alpha, Tensor b, float beta, Tensor destination) {
        throw new UnsupportedOperationException("add");
    }

    @Override
    public void unary(Tensor x, float scale, float shift, Activation activation, Tensor destination) {
        throw new UnsupportedOperationException("unary");
    }

    @Override
    public void rotary(Tensor x, Tensor table, Tensor destination) {
        throw new UnsupportedOperationException("rotary");
    }

    @Override
    public void copy(Tensor source, Tensor destination) {
        throw new UnsupportedOperationException("copy");
    }

    @Override
    public void roundToBf16(Tensor x, Tensor destination) {
        throw new UnsupportedOperationException("roundToBf16");
    }

    @Override
    public void imageToTensor(
            byte[] rgb, int height, int width, ResizeFilter filter, float[] mean, float[] std, Tensor destination) {
        throw new UnsupportedOperationException("imageToTensor");
    }

    @Override
    public void thresholdMask(Tensor logits, int height, int width, float threshold, long[] bits, int offset) {
        throw new UnsupportedOperationException("thresholdMask");
    }

    @Override
    public void close() {
        parallel.close();
    }
}
