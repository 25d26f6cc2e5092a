package dev.sam2j.predictors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.BackendException;
import dev.sam2j.hiera.FeatureBuffer;
import dev.sam2j.hiera.LayerObserver;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Prompts about pictures, with the bundled model. */
class ImagePredictorTest {
    private static final int WIDTH = 96;
    private static final int HEIGHT = 64;
    private static Sam2Model model;

    @BeforeAll
    static void load() {
        model = Sam2Model.load("demo");
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** A bright rectangle on a dark ground, at x from {@code left} to {@code left + 30}. */
    private static Picture picture(int left) {
        byte[] rgb = new byte[3 * WIDTH * HEIGHT];
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                boolean inside = x >= left && x < left + 30 && y >= 16 && y < 48;
                int at = 3 * (y * WIDTH + x);
                rgb[at] = (byte) (inside ? 230 : 40 + x % 5);
                rgb[at + 1] = (byte) (inside ? 60 : 80);
                rgb[at + 2] = (byte) (inside ? 40 + y % 7 : 90);
            }
        }
        return Picture.of(rgb, WIDTH, HEIGHT);
    }

    @Test
    void findsADrawnObjectByClickAndByBox() {
        Mask truth = Mask.ofBox(WIDTH, HEIGHT, new dev.sam2j.predictors.mask.PixelBox(20, 16, 49, 47));
        try (ImagePredictor predictor = model.imagePredictor()) {
            predictor.setImage(picture(20));
            Prediction click = predictor.predict(Prompt.point(35, 32));
            assertEquals(3, click.masks().size());
            assertTrue(
                    click.best().mask().iou(truth) > 0.8,
                    "click: " + click.best().mask().iou(truth));
            Prediction box = predictor.predict(Prompt.box(20, 16, 50, 48), PredictOptions.SINGLE);
            assertEquals(1, box.masks().size());
            assertTrue(
                    box.best().mask().iou(truth) > 0.8,
                    "box: " + box.best().mask().iou(truth));
            assertNull(box.best().logits());
        }
    }

    /** The encoder's own count of its memory, which is taken in one piece: no less than it uses, and hardly more. */
    @Test
    void encodingFitsTheRoomThatIsReservedForIt() {
        LoadedModel layers = LoadedModel.of(model);
        int size = model.config().imageSize();
        long reserved = layers.imageEncoder().workspace(1);
        try (Ops ops = new Ops(layers.backend());
                FeatureBuffer buffer = new FeatureBuffer(layers.backend(), layers.config())) {
            ops.workspace().reserve(reserved);
            try (Workspace.Frame frame = ops.frame()) {
                Tensor input = ops.tensor(new float[3 * size * size], 1, size, size, 3);
                layers.imageEncoder().forward(ops, input, buffer.features(), LayerObserver.NONE);
            }
            assertEquals(4 * reserved, ops.workspace().bytes());
        }
        try (Ops ops = new Ops(layers.backend());
                FeatureBuffer buffer = new FeatureBuffer(layers.backend(), layers.config())) {
            ops.workspace().reserve(reserved * 9 / 10);
            try (Workspace.Frame frame = ops.frame()) {
                Tensor input = ops.tensor(new float[3 * size * size], 1, size, size, 3);
                layers.imageEncoder().forward(ops, input, buffer.features(), LayerObserver.NONE);
            }
            assertTrue(ops.workspace().bytes() > 4 * reserved, "a tenth less would have been enough");
        }
    }

    @Test
    void closedEmbeddingsAreRefused() {
        try (ImagePredictor predictor = model.imagePredictor()) {
            ImageEmbedding embedding = predictor.encode(picture(20));
            embedding.close();
            embedding.close();
            List<Prompt> prompts = List.of(Prompt.point(1, 1));
            assertThrows(
                    IllegalStateException.class, () -> predictor.predict(embedding, prompts, PredictOptions.DEFAULT));
        }
    }

    @Test
    void promptsInOneCallEqualPromptsOneByOne() {
        List<Prompt> prompts = List.of(
                Prompt.point(35, 32),
                Prompt.box(20, 16, 50, 48),
                Prompt.point(5, 5).withoutPoint(35, 32),
                Prompt.box(10, 10, 60, 50).withPoint(30, 30),
                Prompt.NONE,
                Prompt.point(80, 50));
        try (ImagePredictor predictor = model.imagePredictor()) {
            predictor.setImage(picture(20));
            List<Prediction> together = predictor.predict(prompts, PredictOptions.SINGLE);
            for (int i = 0; i < prompts.size(); i++) {
                PredictedMask alone =
                        predictor.predict(prompts.get(i), PredictOptions.SINGLE).best();
                assertArrayEquals(
                        alone.lowRes().logits(), together.get(i).best().lowRes().logits(), 1e-3f, "prompt " + i);
                assertEquals(alone.score(), together.get(i).best().score(), 1e-4f, "prompt " + i);
            }
        }
    }

    /** Every mixture of forms, above all several prompts that say nothing. */
    @Test
    void emptyPromptsMayStandAnywhereInAList() {
        try (ImagePredictor predictor = model.imagePredictor()) {
            predictor.setImage(picture(20));
            LowResMask coarse =
                    predictor.predict(Prompt.box(20, 16, 50, 48)).best().lowRes();
            List<Prompt> prompts = List.of(
                    Prompt.NONE,
                    Prompt.mask(coarse),
                    Prompt.NONE,
                    Prompt.point(35, 32).withMask(coarse),
                    Prompt.box(20, 16, 50, 48).withPoint(30, 30).withoutPoint(80, 50),
                    Prompt.mask(coarse),
                    Prompt.NONE,
                    Prompt.point(35, 32).withMask(coarse));
            for (PredictOptions options : List.of(PredictOptions.DEFAULT, PredictOptions.SINGLE)) {
                List<Prediction> together = predictor.predict(prompts, options);
                for (int i = 0; i < prompts.size(); i++) {
                    assertNear(predictor.predict(prompts.get(i), options), together.get(i));
                }
            }
            assertEquals(List.of(), predictor.predict(List.of(), PredictOptions.DEFAULT));
        }
    }

    /** From the sixth prompt on what prompts about a picture share is computed once, in a batch of as many at once. */
    @Test
    void manyPromptsAreAnsweredAsOne() {
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            prompts.add(Prompt.point(8 + 12 * i, 14 + 6 * i));
            prompts.add(Prompt.box(5 + 3 * i, 10, 40 + 6 * i, 50));
        }
        prompts.add(Prompt.point(30, 30).withPoint(40, 40).withoutPoint(5, 5));
        for (PredictOptions options : List.of(PredictOptions.DEFAULT, PredictOptions.SINGLE)) {
            try (ImagePredictor one = model.imagePredictor();
                    ImagePredictor many = model.imagePredictor()) {
                for (int left : new int[] {20, 50}) {
                    one.setImage(picture(left));
                    many.setImage(picture(left));
                    List<Prediction> together = many.predict(prompts, options);
                    List<Prediction> before = new ArrayList<>();
                    for (Prompt prompt : prompts) {
                        before.add(one.predict(prompt, options));
                    }
                    for (int i = 0; i < prompts.size(); i++) {
                        assertNear(before.get(i), one.predict(prompts.get(i), options));
                        assertNear(before.get(i), together.get(i));
                    }
                }
            }
        }
    }

    /** Equal but for the order of sums. */
    private static void assertNear(Prediction expected, Prediction actual) {
        assertEquals(expected.masks().size(), actual.masks().size());
        for (int m = 0; m < expected.masks().size(); m++) {
            PredictedMask want = expected.masks().get(m);
            PredictedMask got = actual.masks().get(m);
            assertEquals(want.score(), got.score(), 1e-5);
            assertArrayEquals(want.lowRes().logits(), got.lowRes().logits(), 1e-3f);
            assertTrue(want.mask().iou(got.mask()) > 0.99 || want.mask().area() < 100);
        }
    }

    @Test
    void batchesOfPicturesMayHaveAnyNumberOfPrompts() {
        List<Picture> pictures = List.of(picture(20), picture(50), picture(5));
        List<List<Prompt>> prompts = List.of(
                List.of(Prompt.point(35, 32)), List.of(), List.of(Prompt.point(20, 32), Prompt.box(5, 16, 35, 48)));
        try (ImagePredictor predictor = model.imagePredictor()) {
            List<List<Prediction>> answers = predictor.predictBatch(pictures, prompts, PredictOptions.DEFAULT);
            assertEquals(List.of(1, 0, 2), answers.stream().map(List::size).toList());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> predictor.predictBatch(pictures, prompts.subList(0, 2), PredictOptions.DEFAULT));
        }
    }

    @Test
    void normalisedCoordinatesMeanTheSamePlaces() {
        try (ImagePredictor predictor = model.imagePredictor()) {
            predictor.setImage(picture(20));
            Prediction pixels = predictor.predict(Prompt.point(24, 32));
            Prediction fractions =
                    predictor.predict(Prompt.point(0.25, 0.5), PredictOptions.DEFAULT.withNormalizedCoordinates(true));
            assertArrayEquals(
                    pixels.best().lowRes().logits(), fractions.best().lowRes().logits());
        }
    }

    @Test
    void fullLogitsAgreeWithTheMaskAndCleanUpChangesOnlySmallRegions() {
        try (ImagePredictor predictor = model.imagePredictor()) {
            predictor.setImage(picture(20));
            PredictedMask plain = predictor
                    .predict(Prompt.point(35, 32), PredictOptions.DEFAULT.withFullLogits(true))
                    .best();
            assertEquals(plain.mask(), Mask.ofLogits(WIDTH, HEIGHT, plain.logits(), 0));
            PredictedMask clean = predictor
                    .predict(Prompt.point(35, 32), PredictOptions.DEFAULT.withCleanup(10_000, 0))
                    .best();
            assertArrayEquals(plain.lowRes().logits(), clean.lowRes().logits());
            assertEquals(plain.mask().area(), plain.mask().intersectionArea(clean.mask()), "filling holes only adds");
        }
    }

    @Test
    void refusesPromptsThatCannotBeMeant() {
        try (ImagePredictor predictor = model.imagePredictor()) {
            assertThrows(IllegalStateException.class, () -> predictor.predict(Prompt.point(1, 1)));
            predictor.setImage(picture(20));
            assertThrows(PromptException.class, () -> predictor.predict(Prompt.point(-1, 5)));
            assertThrows(PromptException.class, () -> predictor.predict(Prompt.point(97, 5)));
            assertThrows(PromptException.class, () -> predictor.predict(Prompt.box(100, 5, 120, 9)));
            assertThrows(PromptException.class, () -> Prompt.point(Double.NaN, 5));
            assertThrows(PromptException.class, () -> Prompt.box(9, 5, 3, 9));
            LowResMask wrong = LowResMask.of(new float[16], 4);
            String message = assertThrows(PromptException.class, () -> predictor.predict(Prompt.mask(wrong)))
                    .getMessage();
            assertTrue(message.contains("64x64") && message.contains("4x4"), message);
            assertFalse(predictor.predict(Prompt.point(35, 32)).masks().isEmpty(), "works after a refused prompt");
        }
    }

    @Test
    void oneModelServesSeveralPredictorsAtOnce() throws Exception {
        float[] expected;
        try (ImagePredictor predictor = model.imagePredictor()) {
            predictor.setImage(picture(20));
            expected = predictor.predict(Prompt.point(35, 32)).best().lowRes().logits();
        }
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Future<float[]>> answers = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                answers.add(threads.submit(() -> {
                    try (ImagePredictor predictor = model.imagePredictor()) {
                        predictor.setImage(picture(20));
                        return predictor
                                .predict(Prompt.point(35, 32))
                                .best()
                                .lowRes()
                                .logits();
                    }
                }));
            }
            for (Future<float[]> answer : answers) {
                assertArrayEquals(expected, answer.get());
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void loadingSaysWhatIsWrong() {
        ModelException unknown = assertThrows(ModelException.class, () -> Sam2Model.load("gigantic"));
        assertTrue(unknown.getMessage().contains("gigantic"), unknown.getMessage());
        assertThrows(
                BackendException.class,
                () -> Sam2Model.builder().model("demo").device("abacus").build());
        assertThrows(
                dev.sam2j.weights.CheckpointException.class,
                () -> Sam2Model.builder()
                        .model("tiny")
                        .checkpoint(Path.of("there-is-no-such-file.pt"))
                        .build());
    }
}
