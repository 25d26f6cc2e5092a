package dev.sam2j.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sam2j.hiera.LayerObserver;
import dev.sam2j.predictors.ImagePredictor;
import dev.sam2j.predictors.LowResMask;
import dev.sam2j.predictors.PredictOptions;
import dev.sam2j.predictors.PredictedMask;
import dev.sam2j.predictors.Prediction;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pictures from pixels to masks, every size and both generations, against recorded runs of the reference. */
class ImageParityTest {
    private static final double PREPROCESSED_MAX = 1e-5;
    private static final double FEATURE_RELATIVE = 1e-4;
    private static final double LOGIT_RELATIVE = 3e-4;
    private static final double LOGIT_MAX = 1e-2;
    private static final double SCORE_MAX = 5e-4;
    private static final double MASK_IOU = 0.999;
    /**
     * Prompts of a case whose stability is so near its threshold that bfloat16 may choose another mask: in the
     * reference's own it does so for one to three boxes of {@code image_demo_3}.
     */
    private static final int BF16_FLIPPED = 3;

    private static final String QUICK = "image_demo_.*|image_2.._t";

    static Stream<Path> cases() throws IOException {
        List<Path> folders = new ArrayList<>(Fixture.folders("fixtures", "image_2"));
        folders.addAll(Fixture.folders("demo", "image_"));
        return folders.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void matchesTheReference(Path folder) throws IOException {
        Fixture.assumeWanted(folder, "sam2j.parity.images", QUICK);
        try (Fixture fixture = Fixture.open(folder);
                Backend backend = TestDevice.open();
                LoadedModel model = fixture.load(backend).observedBy(comparison(fixture, backend));
                ImagePredictor predictor = model.imagePredictor()) {
            Picture picture = Picture.read(
                    folder.resolve(fixture.description().get("image").asText()));
            predictor.setImage(picture);
            checkPositions(fixture, model);
            checkPrompts(fixture, predictor);
        }
    }

    /** Compares what is recorded of the picture layer by layer, so that the first diverging layer is named. */
    private static LayerObserver comparison(Fixture fixture, Backend backend) {
        Map<String, float[]> positions = new HashMap<>();
        return (name, tensor) -> {
            if (name.equals("trunk.pos_embed")) {
                positions.put(name, Values.host(backend, tensor));
            } else if (name.equals("preprocessed")) {
                float[] actual = Values.channelsFirst(Values.host(backend, tensor), 3);
                fixture.check("preprocessed (CHW)", actual, Double.MAX_VALUE, PREPROCESSED_MAX);
            } else if (fixture.has(name + " (NHWC)")) {
                float[] actual = Values.host(backend, tensor);
                if (name.equals("trunk.patch_embed")) { // recorded before positions are added
                    subtract(actual, positions.get("trunk.pos_embed"));
                }
                fixture.check(name + " (NHWC)", actual, FEATURE_RELATIVE, Double.MAX_VALUE);
            } else if (fixture.has(name + " (NCHW)")) {
                float[] actual = Values.channelsFirst(Values.host(backend, tensor), tensor.cols());
                fixture.check(name + " (NCHW)", actual, FEATURE_RELATIVE, Double.MAX_VALUE);
            }
        };
    }

    private static void checkPositions(Fixture fixture, LoadedModel model) {
        if (fixture.has("dense_pe (NCHW)")) {
            Tensor positions = model.promptEncoder().gridPositions();
            float[] actual = Values.channelsFirst(Values.host(model.backend(), positions), positions.cols());
            fixture.check("dense_pe (NCHW)", actual, FEATURE_RELATIVE, Double.MAX_VALUE);
        }
    }

    private static void checkPrompts(Fixture fixture, ImagePredictor predictor) throws IOException {
        Map<String, Prediction> answers = new HashMap<>();
        int flipped = 0;
        for (var entry : fixture.description().get("prompts").properties()) {
            String key = entry.getKey();
            JsonNode description = entry.getValue();
            boolean multimask = description.get("multimask").asBoolean();
            PredictOptions options =
                    PredictOptions.DEFAULT.withMultimask(multimask).withFullLogits(true);
            LowResMask previous =
                    description.has("maskInput") ? answers.get("point").best().lowRes() : null;
            List<Prompt> prompts = prompts(description, previous);
            List<Prediction> predictions = predictor.predict(prompts, options);
            answers.put(key, predictions.get(0));
            List<PredictedMask> masks = predictions.stream()
                    .flatMap(prediction -> prediction.masks().stream())
                    .toList();
            if (!multimask && TestDevice.halves() && isOther(fixture, key, masks)) {
                flipped++;
            } else {
                checkAnswers(fixture, key, masks);
            }
        }
        assertTrue(flipped <= BF16_FLIPPED, flipped + " prompts are answered by another mask");
    }

    /** Whether single answers differ so much that they must be other masks of the decoder. */
    private static boolean isOther(Fixture fixture, String key, List<PredictedMask> masks) {
        String name = key + ".low_res_logits";
        Difference difference = Difference.between(fixture.recorded(name, lowRes(masks)), fixture.expected(name));
        return difference.relative() > TestDevice.relative(LOGIT_RELATIVE);
    }

    private static float[] lowRes(List<PredictedMask> masks) {
        int pixels = masks.get(0).lowRes().size() * masks.get(0).lowRes().size();
        float[] logits = new float[masks.size() * pixels];
        for (int i = 0; i < masks.size(); i++) {
            masks.get(i).lowRes().copyTo(logits, i * pixels);
        }
        return logits;
    }

    private static void checkAnswers(Fixture fixture, String prompt, List<PredictedMask> masks) throws IOException {
        float[] logits = lowRes(masks);
        fixture.check(prompt + ".low_res_logits", logits, LOGIT_RELATIVE, LOGIT_MAX);
        checkOverlap(
                fixture.recorded(prompt + ".low_res_logits", logits),
                fixture.expected(prompt + ".low_res_logits"),
                masks.size(),
                prompt);
        float[] expectedScores = fixture.expected(prompt + ".iou");
        for (int i = 0; i < masks.size(); i++) {
            assertEquals(
                    expectedScores[i], masks.get(i).score(), TestDevice.scoreMax(SCORE_MAX), prompt + ": score " + i);
        }
        String full = prompt + ".logits_full_resolution";
        if (fixture.has(full)) {
            fixture.check(full, joined(masks), LOGIT_RELATIVE, LOGIT_MAX);
        }
        JsonNode files = fixture.description().get("masks").get(prompt);
        assertEquals(files.size(), masks.size(), prompt + ": masks");
        for (int i = 0; i < files.size(); i++) {
            PredictedMask mask = masks.get(i);
            double iou = Overlap.iou(
                    mask.mask(), fixture.mask(files.get(i).asText()), mask.logits(), 0, TestDevice.undecided(0));
            assertTrue(iou >= TestDevice.singleMaskIou(MASK_IOU), prompt + ": mask " + i + " has IoU " + iou);
        }
    }

    /** Compares what logits call foreground, all masks of a prompt together, where it is decided. */
    private static void checkOverlap(float[] actual, float[] expected, int masks, String prompt) {
        double limit = TestDevice.undecided(0) * Overlap.rootMeanSquare(expected, 0, expected.length);
        int both = 0;
        int either = 0;
        for (int i = 0; i < expected.length; i++) {
            if (actual[i] > 0 == expected[i] > 0 || Math.abs(expected[i]) > limit) {
                both += actual[i] > 0 && expected[i] > 0 ? 1 : 0;
                either += actual[i] > 0 || expected[i] > 0 ? 1 : 0;
            }
        }
        boolean near = either == 0
                || (double) both / either >= TestDevice.maskIou(MASK_IOU)
                || either - both <= TestDevice.edgePixels() * masks;
        assertTrue(near, prompt + ": low-resolution masks share " + both + " of " + either + " pixels");
    }

    private static List<Prompt> prompts(JsonNode description, LowResMask mask) {
        Prompt prompt = mask == null ? Prompt.NONE : Prompt.mask(mask);
        if (description.has("points")) {
            for (int i = 0; i < description.get("points").size(); i++) {
                JsonNode point = description.get("points").get(i);
                boolean foreground = description.get("labels").get(i).asInt() == 1;
                prompt = prompt.with(new Prompt.Point(
                        (float) point.get(0).asDouble(), (float) point.get(1).asDouble(), foreground));
            }
        }
        if (!description.has("box")) {
            return List.of(prompt);
        }
        List<Prompt> boxes = new ArrayList<>();
        for (JsonNode box : description.get("box")) {
            boxes.add(prompt.withBox(
                    box.get(0).asDouble(),
                    box.get(1).asDouble(),
                    box.get(2).asDouble(),
                    box.get(3).asDouble()));
        }
        return boxes;
    }

    private static float[] joined(List<PredictedMask> masks) {
        int pixels = masks.get(0).logits().length;
        float[] all = new float[masks.size() * pixels];
        for (int i = 0; i < masks.size(); i++) {
            System.arraycopy(masks.get(i).logits(), 0, all, i * pixels, pixels);
        }
        return all;
    }

    private static void subtract(float[] values, float[] other) {
        for (int i = 0; i < values.length; i++) {
            values[i] -= other[i];
        }
    }
}
