package dev.sam2j.training.objective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sam2j.cpu.CpuBackend;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.training.MaskTruth;
import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.training.grad.Arena;
import dev.sam2j.training.grad.Parameter;
import dev.sam2j.training.grad.ParameterStore;
import dev.sam2j.training.grad.Tape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Losses against their formulas in plain Java, gradients against central differences of those. */
class MaskObjectiveTest {
    private static final int OBJECTS = 4; // the third is not there, no gradient reaches the fourth's masks
    private static final int OF_BATCH = 6;
    private static final int MASKS = 3;
    private static final int SIDE = 8;
    private static final int SIZE = 32;
    private static final double STEP = 1e-5;

    private final boolean[][] truth = new boolean[OBJECTS][SIZE * SIZE];
    private final Map<String, float[]> values = new LinkedHashMap<>();
    private final int[] best = new int[OBJECTS];

    static Stream<ObjectiveOptions> options() {
        return Stream.of(
                ObjectiveOptions.PUBLIC,
                ObjectiveOptions.PUBLIC.withSquaredIou(true),
                new ObjectiveOptions(3, 2, 0.5, 4, 0.6f, 1, false, false, true),
                new ObjectiveOptions(3, 2, 0.5, 4, 0.6f, 0, false, true, true));
    }

    @ParameterizedTest
    @MethodSource("options")
    void lossesAndGradientsAreThoseOfTheFormulas(ObjectiveOptions options) {
        draw();
        try (CpuBackend backend = new CpuBackend(2);
                ParameterStore store = new ParameterStore(source(), backend, name -> true);
                Arena arena = new Arena(backend);
                Tape tape = new Tape(backend, arena)) {
            Parameter masks = store.root().vector("masks", OBJECTS, MASKS, SIDE, SIDE);
            Parameter iou = store.root().vector("iou", OBJECTS, MASKS);
            Parameter score = store.root().vector("score", OBJECTS, 1);
            store.clearGradients();
            boolean[] trained = {true, true, true, false};
            Losses losses = new MaskObjective(options)
                    .add(
                            tape,
                            new MaskObjective.Scored(masks.var(), iou.var(), score.var(), trained, bits()),
                            OF_BATCH,
                            best);
            tape.backward();
            Losses expected = losses(options);
            assertEquals(expected.total(), losses.total(), 1e-6 * expected.total());
            assertEquals(expected.mask(), losses.mask(), 1e-6);
            assertEquals(expected.dice(), losses.dice(), 1e-6);
            assertEquals(expected.iou(), losses.iou(), 1e-6);
            assertEquals(expected.object(), losses.object(), 1e-6);

            assertBest(options);

            float[] slopes = slopes(options, "masks");
            Arrays.fill(slopes, 3 * MASKS * SIDE * SIDE, slopes.length, 0);
            assertArrayEquals(slopes, masks.read(masks.gradient()), 2e-6f);
            assertArrayEquals(slopes(options, "iou"), iou.read(iou.gradient()), 2e-6f);
            assertArrayEquals(slopes(options, "score"), score.read(score.gradient()), 2e-6f);
        }
    }

    /** The mask that is trained is the one of the lowest weighted loss. */
    private void assertBest(ObjectiveOptions options) {
        for (int object : new int[] {0, 1, 3}) {
            double[] losses = new double[MASKS];
            for (int m = 0; m < MASKS; m++) {
                double[] x = enlarged(widened(values.get("masks")), object * MASKS + m);
                losses[m] = options.maskWeight() * focal(options, x, truth[object])
                        + options.diceWeight() * dice(x, truth[object]);
            }
            assertEquals(Arrays.stream(losses).min().orElseThrow(), losses[best[object]]);
        }
    }

    private void draw() {
        SplittableRandom random = new SplittableRandom(3);
        values.put("masks", draw(random, OBJECTS * MASKS * SIDE * SIDE, 4));
        values.put("iou", draw(random, OBJECTS * MASKS, 1));
        values.put("score", draw(random, OBJECTS, 3));
        for (int object = 0; object < OBJECTS; object++) {
            for (int i = 0; i < SIZE * SIZE && object != 2; i++) {
                truth[object][i] = i % SIZE > 5 + object && i / SIZE > 9 && i % SIZE < 25;
            }
        }
    }

    private static float[] draw(SplittableRandom random, int count, double range) {
        float[] drawn = new float[count];
        for (int i = 0; i < count; i++) {
            drawn[i] = (float) (range * (2 * random.nextDouble() - 1));
        }
        return drawn;
    }

    private MaskTruth bits() {
        long[][] bits = new long[OBJECTS][SIZE * SIZE / 64];
        for (int object = 0; object < OBJECTS; object++) {
            for (int i = 0; i < SIZE * SIZE; i++) {
                bits[object][i >> 6] |= truth[object][i] ? 1L << i : 0;
            }
        }
        return MaskTruth.of(SIZE, bits);
    }

    /** The gradient of the total by some values, the choice of masks being what it was. */
    private float[] slopes(ObjectiveOptions options, String name) {
        float[] changed = values.get(name);
        float[] slopes = new float[changed.length];
        for (int i = 0; i < changed.length; i++) {
            Map<String, double[]> shifted = new LinkedHashMap<>();
            values.forEach((key, all) -> shifted.put(key, widened(all)));
            shifted.get(name)[i] += STEP;
            double above = total(options, shifted).total();
            shifted.get(name)[i] -= 2 * STEP;
            slopes[i] = (float) ((above - total(options, shifted).total()) / (2 * STEP));
        }
        return slopes;
    }

    private static double[] widened(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    private Losses losses(ObjectiveOptions options) {
        Map<String, double[]> wide = new LinkedHashMap<>();
        values.forEach((key, all) -> wide.put(key, widened(all)));
        return total(options, wide);
    }

    private Losses total(ObjectiveOptions options, Map<String, double[]> at) {
        Losses sum = Losses.NONE;
        for (int object = 0; object < OBJECTS; object++) {
            boolean there = object != 2;
            double s = at.get("score")[object];
            double presence = Math.log(1 + Math.exp(there ? -s : s)) / OF_BATCH;
            sum = sum.plus(new Losses(0, 0, 0, presence, options.objectWeight() * presence));
            double quality = 0;
            for (int m = 0; m < MASKS && there; m++) {
                double[] x = enlarged(at.get("masks"), object * MASKS + m);
                double focal = focal(options, x, truth[object]) / OF_BATCH;
                double dice = dice(x, truth[object]) / OF_BATCH;
                if (m == best[object]) {
                    sum = sum.plus(
                            new Losses(focal, dice, 0, 0, options.maskWeight() * focal + options.diceWeight() * dice));
                }
                if (options.superviseAllIou() || m == best[object]) {
                    double error = Math.abs(at.get("iou")[object * MASKS + m] - overlap(x, truth[object]));
                    quality += (options.squaredIou() ? error * error : error)
                            / OF_BATCH
                            / (options.superviseAllIou() ? MASKS : 1);
                }
            }
            sum = sum.plus(new Losses(0, 0, quality, 0, options.iouWeight() * quality));
        }
        return sum;
    }

    private static double[] enlarged(double[] masks, int number) {
        double[] large = new double[SIZE * SIZE];
        for (int y = 0; y < SIZE; y++) {
            for (int x = 0; x < SIZE; x++) {
                double v = Math.max((y + 0.5) * SIDE / SIZE - 0.5, 0);
                double u = Math.max((x + 0.5) * SIDE / SIZE - 0.5, 0);
                for (int tap = 0; tap < 4; tap++) {
                    int row = Math.min((int) v + tap / 2, SIDE - 1);
                    int col = Math.min((int) u + tap % 2, SIDE - 1);
                    double weight = (tap / 2 == 1 ? v - (int) v : 1 - v + (int) v)
                            * (tap % 2 == 1 ? u - (int) u : 1 - u + (int) u);
                    large[y * SIZE + x] += weight * masks[(number * SIDE + row) * SIDE + col];
                }
            }
        }
        return large;
    }

    private static double focal(ObjectiveOptions options, double[] x, boolean[] t) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            double p = 1 / (1 + Math.exp(-x[i]));
            double right = t[i] ? p : 1 - p;
            double alpha = t[i] ? options.focalAlpha() : 1 - options.focalAlpha();
            sum -= alpha * Math.pow(1 - right, options.focalGamma()) * Math.log(right);
        }
        return sum / x.length;
    }

    private static double dice(double[] x, boolean[] t) {
        double both = 0;
        double all = 0;
        for (int i = 0; i < x.length; i++) {
            double p = 1 / (1 + Math.exp(-x[i]));
            both += t[i] ? p : 0;
            all += p + (t[i] ? 1 : 0);
        }
        return 1 - (2 * both + 1) / (all + 1);
    }

    private static double overlap(double[] x, boolean[] t) {
        int intersection = 0;
        int union = 0;
        for (int i = 0; i < x.length; i++) {
            intersection += x[i] > 0 && t[i] ? 1 : 0;
            union += x[i] > 0 || t[i] ? 1 : 0;
        }
        return (double) intersection / Math.max(1, union);
    }

    private WeightSource source() {
        Map<String, Shape> shapes = Map.of(
                "masks", Shape.of(OBJECTS, MASKS, SIDE, SIDE),
                "iou", Shape.of(OBJECTS, MASKS),
                "score", Shape.of(OBJECTS, 1));
        return new WeightSource() {
            @Override
            public String description() {
                return "drawn";
            }

            @Override
            public Set<String> names() {
                return values.keySet();
            }

            @Override
            public Shape shape(String name) {
                return shapes.get(name);
            }

            @Override
            public DType dtype(String name) {
                return DType.F32;
            }

            @Override
            public void read(String name, float[] destination, int offset) {
                float[] own = values.get(name);
                System.arraycopy(own, 0, destination, offset, own.length);
            }
        };
    }
}
