package dev.sam2j.training.run;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.training.TrainingOptions;
import java.util.Locale;

/**
 * What a run will need, known before it starts; all in bytes.
 *
 * @param parameters weights, gradients and the optimiser's two means
 * @param features of the pictures of a batch
 * @param activations of the objects that are in memory at once, and their gradients
 * @param available what the Java heap can still take
 * @param checkpoints whether the inside of prediction steps is computed twice instead of being kept
 */
record MemoryPlan(long parameters, long features, long activations, long available, boolean checkpoints) {
    /** Activations of one object and prediction step at 1024 pixels and 256 channels, measured. */
    private static final double STEP_BYTES = 95e6;
    /** What is kept of a step that is computed twice: its logits and tokens. */
    private static final double CHECKPOINT_BYTES = 1.2e6;

    private static final double USABLE = 0.8;

    /** The plan of a run that trains {@code trained} values. */
    static MemoryPlan of(Sam2Config config, TrainingOptions options, long trained, long featureElements) {
        Runtime runtime = Runtime.getRuntime();
        long available = (long) (USABLE * (runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory()));
        double scale = Math.pow(config.imageSize() / 1024.0, 2) * config.hiddenDim() / 256;
        int objects = Math.min(options.objectsAtOnce(), options.objects());
        int steps = options.corrections() + 1;
        long parameters = 16 * trained;
        long features = 4 * featureElements * options.batch();
        long all = (long) (scale * objects * steps * STEP_BYTES);
        boolean checkpoints = parameters + features + all > available;
        long activations = checkpoints ? (long) (scale * objects * (STEP_BYTES + steps * CHECKPOINT_BYTES)) : all;
        return new MemoryPlan(parameters, features, activations, available, checkpoints);
    }

    /** Everything together. */
    long bytes() {
        return parameters + features + activations;
    }

    /** Whether the heap is too small. */
    boolean isTight() {
        return bytes() > available;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "about %s of memory: %s for parameters and optimiser, %s for pictures, %s for activations%s",
                megabytes(bytes()),
                megabytes(parameters),
                megabytes(features),
                megabytes(activations),
                checkpoints ? " (prediction steps are computed twice to save more)" : "");
    }

    /** A number of bytes for people. */
    static String megabytes(long bytes) {
        return bytes < 10_000_000_000L
                ? String.format(Locale.ROOT, "%d MB", Math.round(bytes / 1e6))
                : String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
    }
}
