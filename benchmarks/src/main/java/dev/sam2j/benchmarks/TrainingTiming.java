package dev.sam2j.benchmarks;

import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.MaskBits;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.training.AdamStep;
import dev.sam2j.tensor.training.MaskTruth;
import dev.sam2j.tensor.training.TrainingBackend;
import dev.sam2j.tensor.training.TrainingOps;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Times the operations of training in the shapes of the mask decoder for 8 objects at 1024 x 1024 pixels: a line for
 * each with median and least milliseconds, GFLOP/s of the least, and how it compares with a product of inference of
 * equal arithmetic, run in turn with it.
 *
 * <p>With one thread times are processor times, which other programs disturb less.
 *
 * <p>Options: those of {@link TimingOptions}; {@code --what linear,tokens,masks,norm,attention,loss,adam}.
 */
public final class TrainingTiming {
    private static final int OBJECTS = 8;
    private static final int POSITIONS = 4096;
    private static final int WARM_UP = 20;

    private final TrainingBackend backend;
    private final TrainingOps ops;
    private final int runs;
    private final boolean oneThread;
    private final Random random = new Random(1);

    private TrainingTiming(TrainingBackend backend, int runs, boolean oneThread) {
        this.backend = backend;
        this.ops = backend.training();
        this.runs = runs;
        this.oneThread = oneThread;
    }

    /** Prints the table. */
    public static void main(String[] arguments) {
        TimingOptions options = new TimingOptions(
                "TrainingTiming",
                Map.of("--runs", "30", "--what", "linear,tokens,masks,norm,attention,loss,adam"),
                arguments);
        List<String> what = options.list("--what");
        try (Backend backend = options.open()) {
            if (!(backend instanceof TrainingBackend trains)) {
                throw new IllegalArgumentException("TrainingTiming: --device: nothing can be trained on "
                        + backend.info().name());
            }
            boolean oneThread = options.number("--threads", 0) == 1;
            new TrainingTiming(trains, options.number("--runs", 1), oneThread).run(what);
        }
        options.exit();
    }

    private void run(List<String> what) {
        int image = OBJECTS * POSITIONS;
        if (what.contains("linear")) {
            linear(image, 256, 128);
            linear(image, 128, 256);
            linear(image, 256, 256);
            linear(4 * image, 64, 256);
        }
        if (what.contains("tokens")) {
            linear(OBJECTS * 12, 256, 256);
            linear(OBJECTS * 12, 256, 2048);
            linear(OBJECTS * 12, 2048, 256);
        }
        if (what.contains("masks")) {
            masks(4, 16 * POSITIONS, 32);
            masks(1, 16 * POSITIONS, 32);
        }
        if (what.contains("norm")) {
            norm(image, 256);
            norm(4 * image, 64);
        }
        if (what.contains("attention")) {
            attention(12, POSITIONS, 16);
            attention(POSITIONS, 12, 16);
            attention(12, 12, 32);
        }
        if (what.contains("loss")) {
            loss(256, 1024);
        }
        if (what.contains("adam")) {
            adam(4_200_000);
        }
    }

    private void linear(int rows, int in, int out) {
        Tensor x = random(rows, in);
        Tensor y = random(rows, out);
        Tensor w = random(out, in);
        Tensor dW = random(out, in);
        Tensor dX = random(rows, in);
        double work = 2.0 * rows * in * out;
        String shape = rows + " x " + in + " -> " + out;
        Runnable forward = forward(x, w, y);
        print("gemm", shape, work, forward, null);
        print("outer", shape, work, () -> ops.outer(y, x, dW), forward);
        Runnable backward = () -> {
            try (PackedMatrix packed = ops.pack(w, true)) {
                backend.gemm(y, packed, Epilogue.NONE.plus(dX), dX);
            }
        };
        print("pack, gemm, dX +=", shape, work, backward, forward);
    }

    private void masks(int masks, int positions, int channels) {
        Tensor dMasks = random(masks, positions);
        Tensor map = random(positions, channels);
        Tensor filters = random(masks, channels);
        Tensor dFilters = random(masks, channels);
        Tensor dMap = random(positions, channels);
        double work = 2.0 * masks * positions * channels;
        String shape = masks + " x " + positions + " x " + channels;
        print("multiply", shape, work, () -> ops.multiply(dMasks, map, dFilters), null);
        print("outer", shape, work, () -> ops.outer(dMasks, filters, dMap), null);
    }

    private void norm(int rows, int columns) {
        Tensor x = random(rows, columns);
        Tensor gamma = random(columns);
        Tensor dY = random(rows, columns);
        Tensor dX = random(rows, columns);
        Tensor dGamma = random(columns);
        Tensor dBeta = random(columns);
        Runnable run = () -> ops.layerNormBackward(x, gamma, 1e-6f, dY, dX, dGamma, dBeta);
        print("layerNormBackward", rows + " x " + columns, 20.0 * rows * columns, run, null);
    }

    /** One mask; instead of arithmetic, pixels are counted. */
    private void loss(int side, int size) {
        Tensor logits = random(1, 1, side, side);
        Tensor dLogits = random(1, 1, side, side);
        long[] bits = new long[MaskBits.words(size, size)];
        Arrays.setAll(bits, i -> random.nextLong());
        MaskTruth truth = MaskTruth.of(size, bits);
        double[] weights = {1e-6};
        double pixels = (double) size * size;
        String shape = side + " to " + size;
        print("maskLoss", shape, pixels, () -> ops.maskLoss(logits, truth, 0.25f, 2), null);
        Runnable backward = () -> ops.maskLossBackward(logits, truth, 0.25f, 2, weights, weights, weights, dLogits);
        print("maskLossBackward", shape, pixels, backward, null);
    }

    private void adam(int elements) {
        Tensor weight = random(elements);
        Tensor gradient = random(elements);
        Tensor mean = random(elements);
        Tensor square = random(elements);
        ops.fill(square, 1);
        AdamStep step = new AdamStep(1e-4, 0.9, 0.999, 1e-8, 0.1, 3, 1);
        String shape = Integer.toString(elements);
        print("adamW", shape, 14.0 * elements, () -> ops.adamW(weight, gradient, mean, square, step), null);
        print("squaredNorm", shape, 2.0 * elements, () -> ops.squaredNorm(gradient), null);
    }

    private void attention(int queries, int keys, int width) {
        int heads = 8;
        AttentionSpec spec = AttentionSpec.global(heads, heads * width);
        Tensor q = random(OBJECTS, queries, heads * width);
        Tensor k = random(OBJECTS, keys, heads * width);
        Tensor v = random(OBJECTS, keys, heads * width);
        Tensor out = random(OBJECTS, queries, heads * width);
        Tensor logSumExp = random(OBJECTS, queries, heads);
        Tensor dOut = random(OBJECTS, queries, heads * width);
        Tensor dQ = random(OBJECTS, queries, heads * width);
        Tensor dK = random(OBJECTS, keys, heads * width);
        Tensor dV = random(OBJECTS, keys, heads * width);
        double product = 2.0 * OBJECTS * heads * width * queries * keys;
        String shape = OBJECTS + " x " + heads + " x " + width + ", " + queries + " to " + keys;
        Runnable forward = () -> ops.attention(q, k, v, spec, out, logSumExp);
        print("attention", shape, 2 * product, forward, null);
        Runnable backward = () -> ops.attentionBackward(q, k, v, spec, out, logSumExp, dOut, dQ, dK, dV);
        print("attentionBackward", shape, 5 * product, backward, forward);
    }

    private Runnable forward(Tensor x, Tensor w, Tensor y) {
        float[] matrix = new float[(int) w.shape().elements()];
        backend.download(w, matrix, 0);
        PackedMatrix packed = backend.pack(matrix, w.rows(), w.cols());
        Tensor to = random(y.rows(), y.cols());
        return () -> backend.gemm(x, packed, Epilogue.NONE, to);
    }

    private Tensor random(int... dims) {
        Shape shape = Shape.of(dims);
        float[] values = new float[(int) shape.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        Tensor tensor = Tensor.of(backend.allocate(DType.F32, values.length), 0, shape);
        backend.upload(values, 0, tensor);
        return tensor;
    }

    private void print(String op, String shape, double work, Runnable run, Runnable other) {
        double[] times = new double[runs];
        double[] otherTimes = new double[runs];
        for (int i = -WARM_UP; i < runs; i++) {
            double otherTime = other == null ? 0 : millis(other);
            double time = millis(run);
            if (i >= 0) {
                otherTimes[i] = otherTime;
                times[i] = time;
            }
        }
        Arrays.sort(times);
        Arrays.sort(otherTimes);
        List<String> columns = new ArrayList<>();
        columns.add(String.format(Locale.ROOT, "%-18s %-24s", op, shape));
        columns.add(String.format(Locale.ROOT, "%8.3f ms (least %8.3f)", times[runs / 2], times[0]));
        columns.add(String.format(Locale.ROOT, "%6.1f GFLOP/s", work / times[0] / 1e6));
        if (other != null) {
            double medians = times[runs / 2] / otherTimes[runs / 2];
            columns.add(String.format(Locale.ROOT, "%.2f (%.2f) of forward", medians, times[0] / otherTimes[0]));
        }
        System.out.println(String.join("  ", columns));
    }

    private double millis(Runnable run) {
        long start = now();
        run.run();
        return (now() - start) / 1e6;
    }

    private long now() {
        return oneThread ? ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() : System.nanoTime();
    }
}
