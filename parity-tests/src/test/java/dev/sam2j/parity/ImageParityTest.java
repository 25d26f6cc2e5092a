package dev.sam2j.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sam2j.predictors.ImageEmbedding;
import dev.sam2j.predictors.ImagePredictor;
import dev.sam2j.predictors.LowResMask;
import dev.sam2j.predictors.PredictOptions;
import dev.sam2j.predictors.PredictedMask;
import dev.sam2j.predictors.Prediction;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.image.Picture;
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

    static Stream<Path> cases() throws IOException {
        List<Path> folders = new ArrayList<>(Fixture.folders("fixtures", "image_2"));
        folders.addAll(Fixture.folders("demo", "image_"));
        return folders.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void matchesTheReference(Path folder) throws IOException {
        try (Fixture fixture = Fixture.open(folder);
                Backend backend = TestDevice.open();
                Sam2Model model = fixture.load(backend);
                ImagePredictor predictor = model.imagePredictor()) {
            Picture picture = Picture.read(
                    folder.resolve(fixture.description().get("image").asText()));
            predictor.setEmbedding(encode(fixture, backend, predictor, picture));
            checkPositions(fixture, model);
            checkPrompts(fixture, predictor);
        }
    }

    /**
     * Encodes the picture, comparing what is recorded of it layer by layer, so that the first diverging layer is named.
     */
    private static ImageEmbedding encode(Fixture fixture, Backend backend, ImagePredictor predictor, Picture picture) {
        Map<String, float[]> positions = new HashMap<>();
        ImageEmbedding embedding = predictor.encode(picture, (name, tensor) -> {
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
            }
        });
        embedding.forEach((name, tensor) -> {
            if (fixture.has(name + " (NCHW)")) {
                float[] actual = Values.channelsFirst(Values.host(backend, tensor), tensor.cols());
                fixture.check(name + " (NCHW)", actual, FEATURE_RELATIVE, Double.MAX_VALUE);
            }
        });
        return embedding;
    }

    private static void checkPositions(Fixture fixture, Sam2Model model) {
        if (fixture.has("dense_pe (NCHW)")) {
            Tensor positions = model.promptEncoder().gridPositions();
            float[] actual = Values.channelsFirst(Values.host(model.backend(), positions), positions.cols());
            fixture.check("dense_pe (NCHW)", actual, FEATURE_RELATIVE, Double.MAX_VALUE);
        }
    }

    private static void checkPrompts(Fixture fixture, ImagePredictor predictor) throws IOException {
        Map<String, Prediction> answers = new HashMap<>();
        for (var entry : fixture.description().get("prompts").properties()) {
            JsonNode description = entry.getValue();
            PredictOptions options = PredictOptions.DEFAULT
                    .withMultimask(description.get("multimask").asBoolean())
                    .withFullLogits(fixture.has(entry.getKey() + ".logits_full_resolution"));
            LowResMask previous =
                    description.has("maskInput") ? answers.get("point").best().lowRes() : null;
            List<Prediction> predictions = predictor.predict(prompts(description, previous), options);
            answers.put(entry.getKey(), predictions.get(0));
            checkAnswers(fixture, entry.getKey(), predictions);
        }
    }

    private static void checkAnswers(Fixture fixture, String prompt, List<Prediction> predictions) throws IOException {
        List<PredictedMask> masks = predictions.stream()
                .flatMap(prediction -> prediction.masks().stream())
                .toList();
        int pixels = masks.get(0).lowRes().size() * masks.get(0).lowRes().size();
        float[] logits = new float[masks.size() * pixels];
        float[] scores = new float[masks.size()];
        for (int i = 0; i < scores.length; i++) {
            masks.get(i).lowRes().copyTo(logits, i * pixels);
            scores[i] = masks.get(i).score();
        }
        fixture.check(prompt + ".low_res_logits", logits, LOGIT_RELATIVE, LOGIT_MAX);
        double overlap = overlap(
                fixture.recorded(prompt + ".low_res_logits", logits), fixture.expected(prompt + ".low_res_logits"));
        assertTrue(overlap >= TestDevice.maskIou(MASK_IOU), prompt + ": low-resolution masks have IoU " + overlap);
        float[] expectedScores = fixture.expected(prompt + ".iou");
        for (int i = 0; i < scores.length; i++) {
            assertEquals(expectedScores[i], scores[i], TestDevice.scoreMax(SCORE_MAX), prompt + ": score " + i);
        }
        String full = prompt + ".logits_full_resolution";
        if (fixture.has(full)) {
            fixture.check(full, joined(masks), LOGIT_RELATIVE, LOGIT_MAX);
        }
        JsonNode files = fixture.description().get("masks").get(prompt);
        assertEquals(files.size(), masks.size(), prompt + ": masks");
        for (int i = 0; i < files.size(); i++) {
            double iou = masks.get(i).mask().iou(fixture.mask(files.get(i).asText()));
            assertTrue(iou >= TestDevice.maskIou(MASK_IOU), prompt + ": mask " + i + " has IoU " + iou);
        }
    }

    /** Intersection over union of what logits call foreground. */
    private static double overlap(float[] actual, float[] expected) {
        int both = 0;
        int either = 0;
        for (int i = 0; i < expected.length; i++) {
            both += actual[i] > 0 && expected[i] > 0 ? 1 : 0;
            either += actual[i] > 0 || expected[i] > 0 ? 1 : 0;
        }
        return either == 0 ? 1 : (double) both / either;
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
