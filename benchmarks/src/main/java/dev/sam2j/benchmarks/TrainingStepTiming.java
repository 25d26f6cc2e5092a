package dev.sam2j.benchmarks;

import dev.sam2j.configs.Configs;
import dev.sam2j.configs.Sam2Config;
import dev.sam2j.cpu.CpuBackend;
import dev.sam2j.hiera.StageBuffer;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.training.MaskTruth;
import dev.sam2j.training.TrainingOptions;
import dev.sam2j.training.grad.ParameterStore;
import dev.sam2j.training.model.TrainableSam2;
import dev.sam2j.training.objective.Batch;
import dev.sam2j.training.objective.BatchStep;
import dev.sam2j.training.objective.Click;
import dev.sam2j.training.objective.ClickSampler;
import dev.sam2j.training.objective.ObjectiveOptions;
import dev.sam2j.training.objective.PromptPlan;
import dev.sam2j.training.optim.Optimizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * Times a training step of one picture whose features are there: click and corrections of N objects, forward, losses,
 * back, AdamW, with as many objects in memory at once as by default; weights, features and masks as in
 * {@code peers/training_peer.py}. Prints one JSON line with the milliseconds of each run after a first one that warms
 * up, and the peak of resident memory where the system tells it.
 *
 * <p>Arguments: model (as {@code tiny}), objects, corrections, threads, runs, and {@code checkpoints} to compute
 * prediction steps twice instead of keeping them.
 */
public final class TrainingStepTiming {
    private TrainingStepTiming() {}

    /** Times and prints. */
    public static void main(String[] arguments) throws IOException {
        String model = arguments[0];
        int objects = Integer.parseInt(arguments[1]);
        int corrections = Integer.parseInt(arguments[2]);
        int threads = Integer.parseInt(arguments[3]);
        int runs = Integer.parseInt(arguments[4]);
        boolean checkpoints = arguments.length > 5 && arguments[5].equals("checkpoints");
        Sam2Config config = Configs.named(model);
        try (CpuBackend backend = new CpuBackend(threads);
                StageBuffer features = new StageBuffer(backend, config);
                ParameterStore store = new ParameterStore(
                        new RandomWeights(config), backend, name -> !name.startsWith("image_encoder."));
                BatchStep step = new BatchStep(
                        new TrainableSam2(store, config),
                        ObjectiveOptions.PUBLIC,
                        new TrainingOptions().objectsAtOnce(),
                        checkpoints)) {
            fill(backend, features.values());
            Batch batch = batch(features, config.imageSize(), objects, corrections);
            Optimizer optimizer = new Optimizer(backend.training(), store, 0.1, 0.1);
            List<Double> times = new ArrayList<>();
            for (int run = 0; run <= runs; run++) {
                long started = System.nanoTime();
                store.clearGradients();
                step.run(batch);
                optimizer.step(1e-5, optimizer.norm(1), 1);
                times.add((System.nanoTime() - started) / 1e6);
            }
            System.out.printf(
                    Locale.ROOT,
                    "{\"what\": \"training step\", \"runtime\": \"sam2j\", \"model\": \"%s\", \"objects\": %d, "
                            + "\"corrections\": %d, \"threads\": %d, \"checkpoints\": %b, \"ms\": [%s], "
                            + "\"activations_mb\": %d, \"peak_mb\": %d}%n",
                    model,
                    objects,
                    corrections,
                    threads,
                    checkpoints,
                    times.stream()
                            .skip(1)
                            .map(ms -> String.format(Locale.ROOT, "%.1f", ms))
                            .collect(Collectors.joining(", ")),
                    step.mostUsedBytes() >> 20,
                    peakMegabytes());
        }
    }

    private static void fill(CpuBackend backend, Tensor values) {
        float[] noise = new float[values.cols()];
        Random random = new Random(1);
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (float) random.nextGaussian();
        }
        backend.upload(noise, 0, values);
    }

    private static Batch batch(StageBuffer features, int size, int objects, int corrections) {
        ClickSampler clicks = new ClickSampler(size);
        SplittableRandom random = new SplittableRandom(1);
        long[][] truth = new long[objects][];
        List<List<Click>> first = new ArrayList<>();
        for (int i = 0; i < objects; i++) {
            truth[i] = square(size, i * size / 8 % (3 * size / 4));
            first.add(List.of(clicks.click(truth[i], random)));
        }
        return new Batch(
                List.of(features.features()),
                new int[objects],
                MaskTruth.of(size, truth),
                new PromptPlan(
                        first,
                        corrections,
                        (object, correction, predicted) -> clicks.correction(truth[object], predicted.get(), random)));
    }

    /** A square of a quarter of the side. */
    private static long[] square(int size, int at) {
        BitSet pixels = new BitSet(size * size);
        for (int y = at; y < at + size / 4; y++) {
            pixels.set(y * size + at, y * size + at + size / 4);
        }
        return Arrays.copyOf(pixels.toLongArray(), size * size / 64);
    }

    /** The process's largest resident memory, 0 where the system does not tell it. */
    private static long peakMegabytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElse(0);
    }
}
