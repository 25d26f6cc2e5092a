package dev.sam2j.predictors.auto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.mask.regions.SmallRegions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The demo model on drawn pictures of awkward sizes. */
class AutomaticMaskGeneratorTest {
    private static final AutomaticMaskOptions COARSE = AutomaticMaskOptions.builder()
            .pointsPerSide(6)
            .predIouThresh(0.35)
            .stabilityScoreThresh(0.7)
            .build();

    private static Sam2Model model;

    @BeforeAll
    static void load() {
        model = Sam2Model.load("demo");
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** Two plain rectangles on a plain ground. */
    private static Picture rectangles(int width, int height, boolean grey) {
        byte[] rgb = new byte[width * height * 3];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                boolean left = x > width / 8 && x < width * 3 / 8 && y > height / 4 && y < height * 3 / 4;
                boolean right = x > width / 2 && x < width * 7 / 8 && y > height / 5 && y < height * 3 / 5;
                int at = 3 * (y * width + x);
                rgb[at] = (byte) (left ? 220 : right ? 40 : 120);
                rgb[at + 1] = grey ? rgb[at] : (byte) (left ? 40 : right ? 60 : 130);
                rgb[at + 2] = grey ? rgb[at] : (byte) (left ? 30 : right ? 210 : 120);
            }
        }
        return Picture.of(rgb, width, height);
    }

    private static List<AutomaticMask> generate(Picture picture, AutomaticMaskOptions options) {
        try (AutomaticMaskGenerator generator = new AutomaticMaskGenerator(model, options)) {
            List<AutomaticMask> masks = generator.generate(picture);
            for (AutomaticMask mask : masks) {
                assertEquals(picture.width(), mask.segmentation().width());
                assertEquals(picture.height(), mask.segmentation().height());
                assertEquals(mask.mask().boundingBox(), mask.box());
                assertTrue(mask.predictedIou() > options.predIouThresh());
                assertTrue(mask.stabilityScore() >= options.stabilityScoreThresh());
            }
            return masks;
        }
    }

    @Test
    void smallPicture() {
        assertFalse(generate(rectangles(64, 48, false), COARSE).isEmpty());
    }

    @Test
    void greyPicture() {
        assertFalse(generate(rectangles(200, 150, true), COARSE).isEmpty());
    }

    @Test
    void largePicture() {
        AutomaticMaskOptions few = COARSE.toBuilder().pointsPerSide(3).build();
        assertFalse(generate(rectangles(4000, 3000, false), few).isEmpty());
    }

    @Test
    void picturesOfAFewPixelsWithCrops() {
        AutomaticMaskOptions crops =
                COARSE.toBuilder().pointsPerSide(2).cropNLayers(2).build();
        generate(rectangles(3, 2, false), crops);
        generate(rectangles(1, 1, false), crops);
    }

    @Test
    void nothingFound() {
        assertEquals(
                List.of(),
                generate(
                        rectangles(64, 48, false),
                        COARSE.toBuilder().predIouThresh(1).build()));
        assertEquals(
                List.of(),
                generate(
                        rectangles(64, 48, false),
                        COARSE.toBuilder().maskThreshold(1e6).build()));
    }

    @Test
    void oneMaskCoversEverything() {
        AutomaticMaskOptions everything =
                COARSE.toBuilder().maskThreshold(-1e6).predIouThresh(0).build();
        List<AutomaticMask> masks = generate(rectangles(64, 48, false), everything);
        assertEquals(1, masks.size());
        assertEquals(64 * 48, masks.get(0).area());
        assertEquals(1, masks.get(0).stabilityScore());
    }

    @Test
    void batchesDoNotChangeResults() {
        Picture picture = rectangles(100, 80, false);
        List<AutomaticMask> one =
                generate(picture, COARSE.toBuilder().pointsPerBatch(1).build());
        List<AutomaticMask> many = generate(picture, COARSE);
        assertEquals(many.size(), one.size());
        for (int i = 0; i < many.size(); i++) {
            assertTrue(many.get(i).mask().iou(one.get(i).mask()) > 0.999);
        }
    }

    @Test
    void pointsAndStagesAreReported() {
        AutomaticMaskOptions crops =
                COARSE.toBuilder().pointsPerSide(4).cropNLayers(1).build();
        List<Integer> done = new ArrayList<>();
        long[] nanos = new long[AutomaticMaskGenerator.Listener.Stage.values().length];
        AutomaticMaskGenerator.Listener listener = new AutomaticMaskGenerator.Listener() {
            @Override
            public void progress(int points, int total) {
                assertEquals(16 * 5, total);
                done.add(points);
            }

            @Override
            public void spent(Stage stage, long time) {
                nanos[stage.ordinal()] += time;
            }
        };
        try (AutomaticMaskGenerator generator = new AutomaticMaskGenerator(model, crops)) {
            generator.generate(rectangles(100, 80, false), listener);
        }
        assertEquals(done.stream().sorted().distinct().toList(), done);
        assertEquals(80, done.get(done.size() - 1));
        for (long time : nanos) {
            assertTrue(time > 0);
        }
    }

    @Test
    void smallRegionsDoNotSurvive() {
        int least = 60;
        AutomaticMaskOptions cleaned = COARSE.toBuilder()
                .predIouThresh(0)
                .stabilityScoreThresh(0.1)
                .minMaskRegionArea(least)
                .build();
        List<AutomaticMask> masks = generate(rectangles(160, 120, false), cleaned);
        assertFalse(masks.isEmpty());
        for (AutomaticMask mask : masks) {
            SmallRegions.Cleaned again = SmallRegions.clean(mask.mask(), least);
            assertFalse(again.changed() && mask.area() >= least, "a region of fewer than " + least + " pixels");
        }
    }

    /** A square of 14,400 pixels is an island of few cells of the low-resolution mask. */
    @Test
    void areasArePixelsOfThePicture() {
        int width = 1600;
        int height = 1200;
        byte[] rgb = new byte[width * height * 3];
        Arrays.fill(rgb, (byte) 110);
        for (int y = 500; y < 620; y++) {
            for (int x = 700; x < 820; x++) {
                rgb[3 * (y * width + x)] = (byte) 230;
                rgb[3 * (y * width + x) + 2] = 20;
            }
        }
        Picture picture = Picture.of(rgb, width, height);
        AutomaticMaskOptions pixels = COARSE.toBuilder()
                .pointGrids(List.of(PointGrid.of(760.0 / width, 560.0 / height)))
                .minMaskRegionArea(150)
                .build();
        Predicate<AutomaticMask> isSquare = mask -> Math.abs(mask.area() - 120 * 120) < 3000;
        assertTrue(generate(picture, pixels).stream().anyMatch(isSquare));
        AutomaticMaskOptions cells =
                pixels.toBuilder().lowResRegions(true).stabilityScoreThresh(0).build();
        try (AutomaticMaskGenerator generator = new AutomaticMaskGenerator(model, cells)) {
            assertTrue(generator.generate(picture).stream().noneMatch(isSquare));
        }
    }
}
