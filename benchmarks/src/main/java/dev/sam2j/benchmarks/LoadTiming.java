package dev.sam2j.benchmarks;

import dev.sam2j.predictors.Sam2Model;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * Times opening checkpoints: from the name of a file to a model that answers, whose tensors were found and checked and
 * are read and packed when first used. Arguments: pairs of a model and its checkpoint.
 */
public final class LoadTiming {
    private static final int RUNS = 15;

    private LoadTiming() {}

    /** Prints a line for each model: the first time in this process, and the median of those that follow. */
    public static void main(String[] arguments) {
        Sam2Model.load("demo").close();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            double first = load(arguments[i], Path.of(arguments[i + 1]));
            double[] others = new double[RUNS];
            for (int run = 0; run < RUNS; run++) {
                others[run] = load(arguments[i], Path.of(arguments[i + 1]));
            }
            Arrays.sort(others);
            System.out.printf(
                    Locale.ROOT, "%s: first %.1f ms, median %.1f ms%n", arguments[i], first, others[RUNS / 2]);
        }
    }

    private static double load(String model, Path checkpoint) {
        long start = System.nanoTime();
        Sam2Model loaded =
                Sam2Model.builder().model(model).checkpoint(checkpoint).build();
        double milliseconds = (System.nanoTime() - start) / 1e6;
        loaded.close();
        return milliseconds;
    }
}
