package dev.sam2j.benchmarks;

import dev.sam2j.configs.Configs;
import dev.sam2j.configs.Sam2Config;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.auto.AutomaticMask;
import dev.sam2j.predictors.auto.AutomaticMaskGenerator;
import dev.sam2j.predictors.auto.AutomaticMaskListener;
import dev.sam2j.predictors.auto.AutomaticMaskOptions;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.BackendOptions;
import dev.sam2j.tensor.Backends;
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
 * <p>{@code java ... AutomaticMaskTiming [model] [points per side] [runs]}, by default {@code tiny 32 1}, after one run
 * that is not counted. The system property {@code sam2j.device} chooses the device.
 */
public final class AutomaticMaskTiming {
    private static final int SIDE = 1024;

    private AutomaticMaskTiming() {}

    /** Prints a line per run. */
    public static void main(String[] arguments) {
        String name = arguments.length > 0 ? arguments[0] : "tiny";
        int points = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 32;
        int runs = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 1;
        Sam2Config config = Configs.named(name).withVideoPostprocessing();
        try (Backend backend = Backends.open(System.getProperty("sam2j.device", "cpu"), BackendOptions.DEFAULT);
                Sam2Model model = Sam2Model.of(name, config, new RandomWeights(config), backend)) {
            System.out.println(backend.description() + ", " + name + ", " + SIDE + "x" + SIDE + ", " + points + "x"
                    + points + " points, random weights");
            Picture picture = noise();
            AutomaticMaskOptions filtered =
                    AutomaticMaskOptions.builder().pointsPerSide(points).build();
            AutomaticMaskOptions open = filtered.toBuilder()
                    .predIouThresh(0)
                    .stabilityScoreThresh(0)
                    .build();
            measure("warm-up", model, picture, open.toBuilder().pointsPerSide(4).build());
            for (int run = 0; run < runs; run++) {
                measure("filters off", model, picture, open);
                measure("default filters", model, picture, filtered);
            }
        }
    }

    private static void measure(String title, Sam2Model model, Picture picture, AutomaticMaskOptions options) {
        Map<AutomaticMaskListener.Stage, Long> spent = new EnumMap<>(AutomaticMaskListener.Stage.class);
        AutomaticMaskListener listener = new AutomaticMaskListener() {
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
            double seconds = (System.nanoTime() - start) / 1e9;
            StringBuilder line = new StringBuilder(
                    String.format(Locale.ROOT, "%-16s %7.3f s, %d masks:", title, seconds, masks.size()));
            spent.forEach((stage, nanos) -> line.append(
                    String.format(Locale.ROOT, " %s %.3f s", stage.name().toLowerCase(Locale.ROOT), nanos / 1e9)));
            System.out.println(line);
        }
    }

    private static Picture noise() {
        byte[] rgb = new byte[SIDE * SIDE * 3];
        new Random(1).nextBytes(rgb);
        return Picture.of(rgb, SIDE, SIDE);
    }
}
