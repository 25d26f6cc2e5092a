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
    private static final double STEP_BYTES = 86e6;
    /** Gradients of an object's activations that there are at once. */
    private static final double GRADIENT_BYTES = 30e6;
    /** What a step takes that is computed twice, gradients included, and what is kept of each. */
    private static final double TWICE_BYTES = 105e6;

    private static final double CHECKPOINT_BYTES = 1.2e6;
    /** What the objects of a picture share: its features after the trained layers, and their gradients. */
    private static final double PICTURE_BYTES = 36e6;

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
        long all = (long) (scale * (PICTURE_BYTES + objects * (steps * STEP_BYTES + GRADIENT_BYTES)));
        boolean checkpoints = parameters + features + all > available;
        double twice = PICTURE_BYTES + objects * (TWICE_BYTES + steps * CHECKPOINT_BYTES);
        long activations = checkpoints ? (long) (scale * twice) : all;
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
