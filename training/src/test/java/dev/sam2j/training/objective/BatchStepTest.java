package dev.sam2j.training.objective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.cpu.CpuBackend;
import dev.sam2j.hiera.StageFeatures;
import dev.sam2j.predictors.model.DemoCheckpoint;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.tensor.training.MaskTruth;
import dev.sam2j.training.grad.Parameter;
import dev.sam2j.training.grad.ParameterStore;
import dev.sam2j.training.model.DemoPictures;
import dev.sam2j.training.model.TrainableSam2;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The gradient of a batch does not depend on how it is computed. */
class BatchStepTest {
    private static final String SCORE_BIAS = "sam_mask_decoder.pred_obj_score_head.layers.2.bias";
    private static final int[] PICTURE_OF = {0, 0, 0, 1, 1};

    /** How a batch is computed. */
    private record Way(int threads, int objectsAtOnce, boolean checkpoints, ObjectiveOptions options, float bias) {
        Way(int threads, int objectsAtOnce, boolean checkpoints) {
            this(threads, objectsAtOnce, checkpoints, ObjectiveOptions.PUBLIC, 0);
        }
    }

    /** What came of it. */
    private record Outcome(BatchResult result, Map<String, float[]> gradients, long bytes) {}

    private static Outcome run(Way way) {
        try (CpuBackend backend = new CpuBackend(way.threads);
                var checkpoint = DemoCheckpoint.open();
                LoadedModel model = LoadedModel.load("demo", backend);
                ParameterStore store = new ParameterStore(
                        checkpoint, backend, name -> !name.startsWith("image_encoder.") && !name.contains("norm1"))) {
            TrainableSam2 trainable = new TrainableSam2(store, model.config());
            Parameter bias = store.root().vector(SCORE_BIAS, 1);
            bias.write(new float[] {bias.read(bias.value())[0] + way.bias}, bias.value());
            List<StageFeatures> features = DemoPictures.features(model, 2);
            try (BatchStep step = new BatchStep(trainable, way.options, way.objectsAtOnce, way.checkpoints)) {
                store.clearGradients();
                BatchResult result = step.run(batch(features));
                Map<String, float[]> gradients = new LinkedHashMap<>();
                store.trained().forEach(parameter -> {
                    assertTrue(parameter.takesPart(), parameter.name());
                    gradients.put(parameter.name(), parameter.read(parameter.gradient()));
                });
                return new Outcome(result, gradients, step.mostUsedBytes());
            }
        }
    }

    /** Five objects of two pictures, the last of which is not there, with a click and two corrections each. */
    private static Batch batch(List<StageFeatures> features) {
        ClickSampler sampler = new ClickSampler(DemoPictures.SIZE);
        long[][] truth = new long[5][];
        for (int object = 0; object < 5; object++) {
            truth[object] = DemoPictures.rectangle(PICTURE_OF[object], object % 3);
        }
        truth[4] = new long[truth[4].length];
        List<List<Click>> first = List.of(
                List.of(new Click(30, 50, 1)),
                List.of(new Click(100, 70, 1)),
                List.of(new Click(200, 90, 1)),
                List.of(new Click(40, 90, 1)),
                List.of(new Click(240, 250, 0)));
        Corrections careful = (object, correction, predicted) -> sampler.deliberate(truth[object], predicted.get());
        return new Batch(
                features, PICTURE_OF, MaskTruth.of(DemoPictures.SIZE, truth), new PromptPlan(first, 2, careful));
    }

    @Test
    void chunksAndCheckpointsChangeNothingButTheMemory() {
        Outcome whole = run(new Way(2, 8, false));
        Outcome checkpoints = run(new Way(2, 8, true));
        near(whole, checkpoints, 0);
        assertTrue(checkpoints.bytes < whole.bytes / 2, checkpoints.bytes + " and " + whole.bytes);
        Outcome one = run(new Way(2, 1, false));
        near(whole, one, 1e-6);
        assertTrue(one.bytes < whole.bytes / 2, one.bytes + " and " + whole.bytes);
        near(whole, run(new Way(2, 2, true)), 1e-6);
    }

    @Test
    void threadsChangeNothing() {
        Outcome two = run(new Way(2, 8, false));
        Outcome one = run(new Way(1, 8, false));
        assertEquals(one.result.losses(), two.result.losses());
        one.gradients.forEach((name, gradient) -> assertArrayEquals(gradient, two.gradients.get(name), name));
    }

    @Test
    void absentObjectsGetAMaskGradientOnlyIfTheirLogitsCount() {
        float unlikely = -60;
        String upscaling = "sam_mask_decoder.output_upscaling.3.weight";
        Outcome dropped = run(new Way(2, 8, false, ObjectiveOptions.PUBLIC, unlikely));
        assertEquals(15, dropped.result.absent());
        assertEquals(0, norm(dropped.gradients.get(upscaling)));
        assertTrue(norm(dropped.gradients.get(SCORE_BIAS)) > 0);
        // 0.25 * 1024 * area / pixels of four objects, three times.
        double area = 0;
        for (int object = 0; object < 4; object++) {
            int[] box = DemoPictures.box(PICTURE_OF[object], object % 3);
            area += (box[2] - box[0]) * (box[3] - box[1]);
        }
        double expected = 3 * 0.25 * 1024 * area / (DemoPictures.SIZE * DemoPictures.SIZE) / 5;
        assertEquals(expected, dropped.result.losses().mask(), 1e-5 * expected);

        Outcome kept = run(new Way(2, 8, true, ObjectiveOptions.PUBLIC.withKeepAbsentLogits(true), unlikely));
        assertEquals(15, kept.result.absent());
        assertTrue(norm(kept.gradients.get(upscaling)) > 0);
        assertTrue(kept.result.losses().mask() < dropped.result.losses().mask() / 10);
    }

    @Test
    void squaredQualityErrorsAreSmallerThanAbsoluteOnes() {
        Losses absolute = run(new Way(2, 8, false)).result.losses();
        Losses squared = run(new Way(2, 8, false, ObjectiveOptions.PUBLIC.withSquaredIou(true), 0))
                .result
                .losses();
        assertEquals(absolute.mask(), squared.mask());
        assertTrue(squared.iou() < absolute.iou());
    }

    /** Compares all gradients together with the bound, and each with ten times that. */
    private static void near(Outcome expected, Outcome actual, double bound) {
        assertEquals(expected.result.losses().total(), actual.result.losses().total(), 1e-6);
        double total = 0;
        double error = 0;
        for (Map.Entry<String, float[]> gradient : expected.gradients.entrySet()) {
            total += Math.pow(norm(gradient.getValue()), 2);
            error += Math.pow(distance(gradient.getValue(), actual.gradients.get(gradient.getKey())), 2);
        }
        assertTrue(Math.sqrt(error / total) <= bound, "all: " + Math.sqrt(error / total));
        double zero = 1e-6 * Math.sqrt(total); // biases of keys have none, what is left is rounding
        expected.gradients.forEach((name, gradient) -> {
            double norm = norm(gradient);
            double distance = distance(gradient, actual.gradients.get(name));
            assertTrue(distance <= (norm > zero ? 10 * bound * norm : zero), name + ": " + distance + " of " + norm);
        });
    }

    private static double distance(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.pow((double) a[i] - b[i], 2);
        }
        return Math.sqrt(sum);
    }

    private static double norm(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum);
    }
}
