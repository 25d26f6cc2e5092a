package dev.sam2j.benchmarks;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.predictors.auto.AutomaticMask;
import dev.sam2j.predictors.auto.AutomaticMaskGenerator;
import dev.sam2j.predictors.auto.AutomaticMaskOptions;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.tensor.Backend;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Time of segmenting everything in a 1024 x 1024 picture of noise with random weights, split into encoder, decoder and
 * post-processing. Random weights make scores meaningless, so the two bounds are measured: with the filters off every
 * candidate is drawn, counted and encoded; with the default filters none is, which leaves the work that each point
 * costs in any case.
 *
 * <p>Options: those of {@link TimingOptions}, {@code --points N} a side, by default 32, and
 * {@code --what auto,auto-all}, by default both: default filters and filters off. How a run's time was spent goes to
 * stderr.
 */
public final class AutomaticMaskTiming {
    private static final int SIDE = 1024;
    private static final int WARM_UP_POINTS = 4;

    private AutomaticMaskTiming() {}

    /** Prints a line for each model and figure. */
    public static void main(String[] arguments) {
        TimingOptions options = new TimingOptions(
                "AutomaticMaskTiming", Map.of("--points", "32", "--what", "auto,auto-all"), arguments);
        int points = options.number("--points", 1);
        int runs = options.number("--runs", 1);
        try (Backend backend = options.open()) {
            for (String name : options.list("--model")) {
                Sam2Config config = TimingOptions.config(name).withVideoPostprocessing();
                try (LoadedModel model = LoadedModel.of(name, config, new RandomWeights(config), backend)) {
                    Picture picture = noise();
                    generate("warm-up", model, picture, generatorOptions("auto-all", WARM_UP_POINTS));
                    for (String what : options.list("--what")) {
                        options.print(
                                what,
                                name,
                                backend,
                                () -> measure(what, model, picture, generatorOptions(what, points), runs));
                    }
                }
            }
        }
        options.exit();
    }

    private static AutomaticMaskOptions generatorOptions(String what, int points) {
        AutomaticMaskOptions.Builder builder = AutomaticMaskOptions.builder().pointsPerSide(points);
        return switch (what) {
            case "auto" -> builder.build();
            case "auto-all" -> builder.predIouThresh(0).stabilityScoreThresh(0).build();
            default ->
                throw new IllegalArgumentException(
                        "AutomaticMaskTiming: --what: expected auto or auto-all, got " + what);
        };
    }

    private static long[] measure(
            String title, LoadedModel model, Picture picture, AutomaticMaskOptions options, int runs) {
        long[] nanos = new long[runs];
        for (int run = 0; run < runs; run++) {
            nanos[run] = generate(title, model, picture, options);
        }
        return nanos;
    }

    /** Nanoseconds of one picture; tells on stderr how they were spent. */
    private static long generate(String title, LoadedModel model, Picture picture, AutomaticMaskOptions options) {
        Map<AutomaticMaskGenerator.Listener.Stage, Long> spent =
                new EnumMap<>(AutomaticMaskGenerator.Listener.Stage.class);
        AutomaticMaskGenerator.Listener listener = new AutomaticMaskGenerator.Listener() {
            @Override
            public void progress(int done, int total) {}

            @Override
            public void spent(Stage stage, long nanos) {
                spent.merge(stage, nanos, Long::sum);
            }
        };
        try (AutomaticMaskGenerator generator = new AutomaticMaskGenerator(model, options)) {
            long start = System.nanoTime();
            List<AutomaticMask> masks = generator.generate(picture, listener);
            long nanos = System.nanoTime() - start;
            StringBuilder line = new StringBuilder(
                    String.format(Locale.ROOT, "%-8s %7.3f s, %d masks:", title, nanos / 1e9, masks.size()));
            spent.forEach((stage, part) -> line.append(
                    String.format(Locale.ROOT, " %s %.3f s", stage.name().toLowerCase(Locale.ROOT), part / 1e9)));
            System.err.println(line);
            return nanos;
        }
    }

    private static Picture noise() {
        byte[] rgb = new byte[SIDE * SIDE * 3];
        new Random(1).nextBytes(rgb);
        return Picture.of(rgb, SIDE, SIDE);
    }
}
