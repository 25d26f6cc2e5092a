package dev.sam2j.cpu;

import dev.sam2j.cpu.runtime.CpuStorage;
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
import dev.sam2j.tensor.fused.AttendImage;
import dev.sam2j.tensor.fused.AttendTokens;
import dev.sam2j.tensor.fused.DenseImages;
import dev.sam2j.tensor.fused.DrawMasks;
import dev.sam2j.tensor.fused.MaskUpscaling;
import dev.sam2j.tensor.fused.Mlp;
import dev.sam2j.tensor.fused.Norm;
import dev.sam2j.tensor.fused.Projection;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

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
    private static final int HEADS = 8;
    /** After about 200 rounds the JVM has counted enough calls of every kernel; nearly all are compiled by then. */
    private static final int ROUNDS = 240;
    /** Every so many rounds have the large part. */
    private static final int LARGE_EVERY = 4;
    /** A machine that is too busy to compile should not wait for it. */
    private static final long MOST_NANOS = 3_000_000_000L;

    /** By description of the kernels. What was compiled stays compiled: once in a process is enough. */
    private static final Map<String, Thread> STARTED = new HashMap<>();

    private final CpuBackend backend;
    private final PackedMatrix square;
    private final Projection wide;
    private final PackedMatrix narrow;
    private final PackedMatrix deep;
    private final PackedMatrix patches;
    private final Projection inward;
    private final Projection outward;
    private final MaskUpscaling upscaling;
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
    private final Tensor prompt = tensor(1, 2, 2 * HEADS);
    private final Tensor promptOut = tensor(1, 2, 2 * HEADS);
    private final Tensor highRes1 = tensor(1, 8, 8, 8);
    private final Tensor highRes0 = tensor(1, 16, 16, 8);
    private final Tensor filters = tensor(1, 3, 8);
    private final Tensor masks = tensor(1, 3, 256);
    private final Tensor logits = tensor(6, 6);
    private final byte[] rgb = new byte[20 * 20 * 3];

    KernelWarmUp(CpuKernels kernels) {
        backend = new CpuBackend(1, kernels, null);
        square = matrix(CHANNELS, CHANNELS);
        wide = new Projection(matrix(4 * CHANNELS, CHANNELS), bias(4 * CHANNELS));
        narrow = matrix(CHANNELS, 4 * CHANNELS);
        deep = matrix(CHANNELS, 520);
        patches = matrix(CHANNELS, 7 * 7 * 3);
        inward = new Projection(matrix(2 * HEADS, CHANNELS), bias(2 * HEADS));
        outward = new Projection(matrix(CHANNELS, 2 * HEADS), bias(CHANNELS));
        upscaling = new MaskUpscaling(
                new Projection(matrix(32, CHANNELS), bias(8)),
                new Norm(bias(8), bias(8), 1e-6f),
                new Projection(matrix(32, 8), bias(8)));
    }

    /**
     * Begins in the background, unless that was done before in this process.
     *
     * @return the thread, which may have ended, or null where there is nothing to compile early
     */
    static synchronized Thread start(CpuKernels kernels) {
        if (!kernels.needsWarmUp()) {
            return null;
        }
        return STARTED.computeIfAbsent(kernels.description(), name -> {
            Thread thread = new Thread(() -> new KernelWarmUp(kernels).run(), "sam2j-warm-up");
            thread.setDaemon(true);
            thread.start();
            return thread;
        });
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
        float[] data = CpuStorage.rows(tensor).data();
        for (int i = 0; i < data.length; i++) {
            data[i] = (i % 7 - 3) * 0.1f;
        }
        return tensor;
    }

    private Tensor bias(int n) {
        return bias.columns(0, n).reshape(n);
    }

    /** One small part for every kernel but those for many prompts of an image: a first mask needs none of them. */
    void round() {
        functions();
        attentions();
        matrixProducts();
        prompts();
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
        backend.thresholdMask(logits, 12, 13, -0.2f, 0, 0.2f);
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
        backend.run(new Mlp(many, wide, Activation.GELU, narrow, residual(manyOut), manyOut));
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
    }

    /** What a mask decoder does with a prompt. */
    private void prompts() {
        Tensor positions = qkv.columns(0, CHANNELS);
        Tensor picture = x.reshape(1, 36, CHANNELS);
        DenseImages images = new DenseImages(picture, positions);
        backend.run(new AttendImage(prompt, images, inward, inward, HEADS, promptOut));
        Norm norm = new Norm(bias(CHANNELS), bias(CHANNELS), 1e-5f);
        DenseImages updated = new DenseImages(y.reshape(1, 36, CHANNELS), positions);
        backend.run(new AttendTokens(images, prompt, prompt, inward, outward, HEADS, norm, updated));
        Tensor grid = tokens.reshape(1, 16, CHANNELS);
        DenseImages drawn = new DenseImages(grid, grid);
        backend.run(new DrawMasks(drawn, upscaling, highRes0, highRes1, filters, masks));
    }

    private void resampling() {
        float[] ones = {1, 1, 1};
        backend.imageToTensor(rgb, 20, 20, ResizeFilter.BILINEAR_FLOAT, ones, ones, image);
        backend.interpolate(half, Interpolation.BICUBIC, x);
        backend.interpolate(half, Interpolation.NEAREST, x);
        backend.copy(half, half);
    }
}
