package dev.sam2j.predictors.auto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.cpu.CpuBackend;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.PixelBox;
import dev.sam2j.tensor.MaskBits;
import dev.sam2j.tensor.Ops;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CandidatesTest {
    private static final int SIZE = 16;
    private static final AutomaticMaskOptions ALL = AutomaticMaskOptions.builder()
            .predIouThresh(0)
            .stabilityScoreThresh(0)
            .build();

    private final CpuBackend backend = new CpuBackend(1);
    private final Ops ops = new Ops(backend);

    @AfterEach
    void close() {
        ops.close();
        backend.close();
    }

    /** Logits of {@code inside} in a box and of {@code -inside} elsewhere, on a map as large as the picture. */
    private float[] box(int x0, int y0, int x1, int y1, float inside) {
        float[] logits = new float[SIZE * SIZE];
        Arrays.fill(logits, -inside);
        for (int y = y0; y <= y1; y++) {
            Arrays.fill(logits, y * SIZE + x0, y * SIZE + x1 + 1, inside);
        }
        return logits;
    }

    private void offer(Candidates candidates, float[] logits, float iou) {
        candidates.offer(ops, ops.tensor(logits, SIZE, SIZE), iou, 1, 2);
    }

    private static Candidates whole(AutomaticMaskOptions options) {
        return new Candidates(null, options, new CropBox(0, 0, SIZE, SIZE, 0), SIZE, SIZE);
    }

    @Test
    void stabilityPassesFromItsThresholdOn() {
        assertEquals(0.5f, Candidates.stability(new MaskBits(new long[0], 4, 2)));
        assertTrue(Float.isNaN(Candidates.stability(new MaskBits(new long[0], 0, 0))));
        assertTrue(Candidates.isStable(0.95f, 0.95));
        assertFalse(Candidates.isStable(Math.nextDown(0.95f), 0.95));
        assertFalse(Candidates.isStable(Float.NaN, 0.95));
        assertTrue(Candidates.isStable(Float.NaN, 0));
    }

    @Test
    void fieldsOfARecord() {
        Candidates candidates = whole(ALL);
        float[] logits = box(2, 3, 7, 9, 5);
        logits[3 * SIZE + 2] = 0.5f; // in the mask, but not above the higher threshold
        logits[15 * SIZE + 15] = -0.5f; // not in the mask, but above the lower threshold
        offer(candidates, logits, 0.7f);
        AutomaticMask mask = candidates.suppressed().get(0);
        assertEquals(Mask.ofBox(SIZE, SIZE, new PixelBox(2, 3, 7, 9)), mask.mask());
        assertEquals(42, mask.area());
        assertEquals("[2, 3, 5, 6]", Arrays.toString(mask.bbox()));
        assertEquals(0.7f, mask.predictedIou());
        assertEquals(41f / 43, mask.stabilityScore());
        assertEquals(1, mask.pointX());
        assertEquals(2, mask.pointY());
    }

    @Test
    void suppressionKeepsTheBetterMask() {
        Candidates candidates = whole(ALL);
        offer(candidates, box(2, 2, 10, 10, 5), 0.6f);
        offer(candidates, box(2, 2, 10, 9, 5), 0.9f);
        offer(candidates, box(12, 12, 15, 15, 5), 0.7f);
        List<AutomaticMask> kept = candidates.suppressed();
        assertEquals(
                List.of(0.9f, 0.7f),
                kept.stream().map(AutomaticMask::predictedIou).toList());
    }

    @Test
    void masksWithoutPixelsNeedAThreshold() {
        Candidates strict = whole(AutomaticMaskOptions.DEFAULT);
        offer(strict, box(0, 0, 15, 15, -5), 1);
        assertEquals(0, strict.suppressed().size());
        Candidates all = whole(ALL);
        offer(all, box(0, 0, 15, 15, -5), 1);
        offer(all, box(0, 0, 15, 15, -5), 1);
        List<AutomaticMask> kept = all.suppressed(); // boxes without area suppress nothing
        assertEquals(2, kept.size());
        assertEquals("[0, 0, 0, 0]", Arrays.toString(kept.get(0).bbox()));
        assertEquals(0, kept.get(0).area());
    }

    @Test
    void maskOfEverything() {
        Candidates candidates = whole(AutomaticMaskOptions.DEFAULT);
        offer(candidates, box(0, 0, 15, 15, 5), 1);
        AutomaticMask mask = candidates.suppressed().get(0);
        assertEquals(Mask.full(SIZE, SIZE), mask.mask());
        assertEquals(1, mask.stabilityScore());
        assertEquals("[0, 0, 15, 15]", Arrays.toString(mask.bbox()));
    }

    @Test
    void cropsArePlacedAndCutObjectsDropped() {
        CropBox crop = new CropBox(50, 0, 64, 64, 1);
        Candidates candidates = new Candidates(null, ALL, crop, 200, 64);
        offer(candidates, box(7, 0, 9, 15, 5), 0.9f); // reaches the upper and lower border of the picture: kept
        offer(candidates, box(3, 0, 9, 15, 5), 0.8f); // within 20 pixels of the left side of the crop
        List<AutomaticMask> kept = candidates.suppressed();
        assertEquals(1, kept.size());
        AutomaticMask mask = kept.get(0);
        assertEquals(200, mask.mask().width());
        assertEquals(mask.mask().boundingBox(), mask.box());
        assertEquals(0, mask.box().yMin());
        assertTrue(mask.box().xMin() > 70 && mask.box().xMax() < 94, mask.box().toString());
    }

    @Test
    void smallLowResolutionRegionsGoBeforeScoresAreTaken() {
        float[] logits = box(2, 2, 10, 10, 5);
        logits[5 * SIZE + 5] = -5; // a hole
        logits[14 * SIZE + 14] = 5; // an island
        AutomaticMaskOptions pixels = ALL.toBuilder().minMaskRegionArea(1).build();
        Candidates candidates = whole(pixels);
        offer(candidates, logits, 0.9f);
        assertEquals(9 * 9, candidates.suppressed().get(0).area(), "regions of the picture are cleaned later");
        candidates = whole(pixels.toBuilder().lowResRegions(true).build());
        offer(candidates, logits, 0.9f);
        AutomaticMask mask = candidates.suppressed().get(0);
        assertEquals(Mask.ofBox(SIZE, SIZE, new PixelBox(2, 2, 10, 10)), mask.mask());
        assertEquals(1, mask.stabilityScore());
    }
}
