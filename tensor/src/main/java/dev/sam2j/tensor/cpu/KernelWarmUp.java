package dev.sam2j.tensor.cpu;

import dev.sam2j.kernels.cpu.CpuKernels;
import dev.sam2j.kernels.cpu.VectorKernels;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.ResizeFilter;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import java.util.Arrays;

/**
 * Runs the operations of image models on a few values, round after round, until the JVM has compiled their kernels.
 *
 * <p>Vector code that is not compiled yet makes an object of every vector and is hundreds of times slower, and what the
 * JVM learns while it runs decides how well it is compiled: if one kernel is used alone at first, the classes of the
 * Vector API are compiled for it alone, fail at the next kernel, and later compilations that meet many such failures
 * give up keeping vectors in registers, for good. Rounds in which every kernel has a small part avoid both.
 */
final class KernelWarmUp {
    private static final int CHANNELS = 48;
    /** After about 200 rounds the JVM has counted enough calls of every kernel; nearly all are compiled by then. */
    private static final int ROUNDS = 240;
    /** Every so many rounds have the large part. */
    private static final int LARGE_EVERY = 4;
    /** A machine that is too busy to compile should not wait for it. */
    private static final long MOST_NANOS = 3_000_000_000L;

    /** What was compiled stays compiled: once in a process is enough. */
    private static Thread started;

    private final CpuBackend backend;
    private final PackedMatrix square;
    private final PackedMatrix wide;
    private final PackedMatrix narrow;
    private final PackedMatrix deep;
    private final PackedMatrix patches;
    private final PackedMatrix cells;
    private final Tensor bias = tensor(1, 4 * CHANNELS);
    private final Tensor x = tensor(1, 6, 6, CHANNELS);
    private final Tensor y = tensor(1, 6, 6, CHANNELS);
    private final Tensor half = tensor(1, 3, 3, CHANNELS);
    private final Tensor qkv = tensor(1, 36, 3 * CHANNELS);
    private final Tensor many = tensor(1, 132, CHANNELS);
    private final Tensor manyOut = tensor(1, 132, CHANNELS);
    private final Tensor few = tensor(1, 7, CHANNELS);
    private final Tensor fewOut = tensor(1, 7, CHANNELS);
    private final Tensor deepRows = tensor(14, 520);
    private final Tensor deepOut = tensor(14, CHANNELS);
    private final Tensor image = tensor(1, 16, 16, 3);
    private final Tensor tokens = tensor(1, 4, 4, CHANNELS);
    private final Tensor products = tensor(1, 7, 36);
    private final Tensor enlarged = tensor(1, 12, 12, CHANNELS / 4);
    private final Tensor logits = tensor(6, 6);
    private final byte[] rgb = new byte[20 * 20 * 3];
    private final long[] bits = new long[12];

    KernelWarmUp(CpuKernels kernels) {
        backend = new CpuBackend(1, kernels, null);
        square = matrix(CHANNELS, CHANNELS);
        wide = matrix(4 * CHANNELS, CHANNELS);
        narrow = matrix(CHANNELS, 4 * CHANNELS);
        deep = matrix(CHANNELS, 520);
        patches = matrix(CHANNELS, 7 * 7 * 3);
        cells = matrix(CHANNELS, CHANNELS);
    }

    /**
     * Begins in the background, unless that was done before in this process.
     *
     * @return the thread, which may have ended, or null where there is nothing to compile early
     */
    static synchronized Thread start(CpuKernels kernels) {
        if (started == null && kernels instanceof VectorKernels) {
            started = new Thread(() -> new KernelWarmUp(kernels).run(), "sam2j-warm-up");
            started.setDaemon(true);
            started.start();
        }
        return started;
    }

    private void run() {
        long end = System.nanoTime() + MOST_NANOS;
        for (int i = 0; i < ROUNDS && System.nanoTime() - end < 0; i++) {
            round();
            if (i % LARGE_EVERY == 0) {
                large();
            }
        }
        backend.close();
    }

    private PackedMatrix matrix(int out, int in) {
        float[] values = new float[out * in];
        Arrays.fill(values, 0.01f);
        return backend.pack(values, out, in);
    }

    private static Tensor tensor(int... dims) {
        Shape shape = Shape.of(dims);
        Storage storage = new CpuStorage((int) shape.elements());
        Tensor tensor = Tensor.of(storage, 0, shape);
        float[] data = CpuStorage.data(tensor);
        for (int i = 0; i < data.length; i++) {
            data[i] = (i % 7 - 3) * 0.1f;
        }
        return tensor;
    }

    private Tensor bias(int n) {
        return bias.columns(0, n).reshape(n);
    }

    /** One small part for every kernel. */
    void round() {
        functions();
        attentions();
        matrixProducts();
        resampling();
    }

    private void functions() {
        for (Activation activation : Activation.values()) {
            backend.unary(few, 0.5f, 0.1f, activation, fewOut);
        }
        backend.layerNorm(few, bias(CHANNELS), bias(CHANNELS), 1e-6f, Activation.NONE, fewOut);
        backend.layerNorm(few, bias(CHANNELS), bias(CHANNELS), 1e-6f, Activation.GELU, fewOut);
        backend.add(few, 1, few, 1, fewOut);
        backend.maxPool2d(x, half);
        backend.maskStatistics(logits, 12, 13, -0.2f, 0, 0.2f, bits, 0);
    }

    private void attentions() {
        Tensor q = qkv.columns(0, CHANNELS);
        Tensor k = qkv.columns(CHANNELS, 2 * CHANNELS);
        Tensor v = qkv.columns(2 * CHANNELS, 3 * CHANNELS);
        AttentionSpec.Windows windows = new AttentionSpec.Windows(6, 6, 4, 1, bias(CHANNELS), bias(CHANNELS));
        backend.attention(q, k, v, AttentionSpec.windowed(1, CHANNELS, windows), y.reshape(1, 36, CHANNELS));
        AttentionSpec.Windows pooled = new AttentionSpec.Windows(6, 6, 6, 2, null, null);
        Tensor queries = half.reshape(1, 9, CHANNELS);
        backend.attention(queries, k, v, AttentionSpec.windowed(1, CHANNELS, pooled), queries);
        backend.attention(few, k, v, AttentionSpec.global(3, CHANNELS), fewOut);
    }

    /** More than one block of keys, of queries, and of the hidden layer: too much for each round. */
    void large() {
        backend.attention(many, many, many, AttentionSpec.global(1, CHANNELS), manyOut);
        backend.mlp(many, wide, bias, Activation.GELU, narrow, residual(manyOut), manyOut, null);
        backend.gemm(deepRows, deep, Epilogue.bias(bias(CHANNELS)), deepOut);
    }

    private Epilogue residual(Tensor tensor) {
        return Epilogue.bias(bias(CHANNELS)).plus(tensor);
    }

    private void matrixProducts() {
        Epilogue plain = Epilogue.bias(bias(CHANNELS));
        backend.gemm(x, square, plain, y);
        backend.gemm(x, square, residual(y), y);
        backend.gemm(few, square, plain.with(Activation.RELU), fewOut);
        backend.conv2d(image, patches, new Conv2dSpec(7, 4, 3), residual(tokens), tokens);
        backend.matmul(few, qkv.columns(0, CHANNELS), products);
        Tensor quarter = bias(CHANNELS / 4);
        backend.convTranspose2d(x, cells, Epilogue.bias(quarter).plus(enlarged), enlarged);
    }

    private void resampling() {
        float[] ones = {1, 1, 1};
        backend.imageToTensor(rgb, 20, 20, ResizeFilter.BILINEAR_FLOAT, ones, ones, image);
        backend.interpolate(half, Interpolation.BICUBIC, x);
        backend.interpolate(half, Interpolation.NEAREST, x);
        backend.copy(half, half);
    }
}
