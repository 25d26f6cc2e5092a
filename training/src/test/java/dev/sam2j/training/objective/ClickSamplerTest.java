package dev.sam2j.training.objective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ClickSamplerTest {
    private static final int SIZE = 9; // 81 pixels: the second word is not full
    private final ClickSampler sampler = new ClickSampler(SIZE);
    private final SplittableRandom random = new SplittableRandom(5);

    @Test
    void clicksFallOnAllPixelsOfTheObjectEquallyOften() {
        long[] truth = rectangle(2, 3, 4, 8);
        Map<Click, Integer> counts = new HashMap<>();
        for (int i = 0; i < 36_000; i++) {
            counts.merge(sampler.click(truth, random), 1, Integer::sum);
        }
        assertEquals(18, counts.size());
        counts.forEach((click, count) -> {
            assertTrue(click.x() >= 2 && click.x() <= 4 && click.y() >= 3 && click.y() <= 8, click.toString());
            assertEquals(1, click.label());
            assertEquals(2000, count, 200); // 4.5 standard deviations
        });
    }

    @Test
    void correctionsFallOnWrongPixelsAndSayWhichTheyAre() {
        long[] truth = rectangle(1, 1, 4, 4);
        long[] predicted = rectangle(3, 3, 6, 6);
        int missing = 0;
        int added = 0;
        for (int i = 0; i < 1000; i++) {
            Click click = sampler.correction(truth, predicted, random);
            boolean inTruth = click.x() <= 4 && click.y() <= 4;
            boolean inPredicted = click.x() >= 3 && click.y() >= 3;
            assertTrue(inTruth != inPredicted, click.toString());
            assertEquals(inTruth ? 1 : 0, click.label());
            missing += inTruth ? 1 : 0;
            added += inTruth ? 0 : 1;
        }
        assertEquals(missing, added, 150);
    }

    @Test
    void withoutErrorTheClickFallsOutside() {
        long[] truth = rectangle(0, 0, 8, 7);
        for (int i = 0; i < 100; i++) {
            Click click = sampler.correction(truth, truth, random);
            assertEquals(8, click.y());
            assertEquals(0, click.label());
        }
        long[] everything = rectangle(0, 0, 8, 8);
        assertEquals(new Click(0, 0, 0), sampler.correction(everything, everything, random));
    }

    @Test
    void absentObjectsGetBackgroundClicks() {
        Click click = sampler.click(new long[2], random);
        assertEquals(0, click.label());
    }

    @Test
    void boxesMoveByATenthOfTheirSideAndStayInside() {
        ClickSampler large = new ClickSampler(1000);
        BitSet pixels = new BitSet(1_000_000);
        for (int y = 0; y <= 100; y++) {
            pixels.set(1000 * y + 300, 1000 * y + 701); // 400 x 100 from index to index
        }
        long[] truth = java.util.Arrays.copyOf(pixels.toLongArray(), 1_000_000 / 64);
        float left = 300;
        for (int i = 0; i < 1000; i++) {
            Click[] box = large.box(truth, random);
            assertEquals(300, box[0].x(), 20);
            assertEquals(701 - 1, box[1].x(), 20);
            assertTrue(box[0].y() >= 0 && box[0].y() <= 10);
            assertEquals(100, box[1].y(), 10);
            left = Math.max(left, box[0].x());
        }
        assertTrue(left > 319);
        Click[] exact = large.box(truth);
        assertArrayEquals(new Click[] {new Click(300, 0, 2), new Click(700, 100, 3)}, exact);
        assertThrows(IllegalArgumentException.class, () -> sampler.box(new long[2]));
    }

    @Test
    void deliberateClicksGoToTheMiddleOfTheLargestError() {
        long[] truth = rectangle(1, 1, 7, 5);
        assertEquals(new Click(3, 3, 1), sampler.deliberate(truth, new long[2]));
        // Equal depth on both sides: what was added is clicked away.
        assertEquals(new Click(1, 1, 0), sampler.deliberate(rectangle(5, 5, 7, 7), rectangle(0, 0, 2, 2)));
        // Everything missing up to the border of the picture, which counts as one.
        assertEquals(new Click(4, 4, 1), sampler.deliberate(rectangle(0, 0, 8, 8), new long[2]));
    }

    @Test
    void distancesAreThoseOfAllPairs() {
        int size = 23;
        for (int trial = 0; trial < 20; trial++) {
            BitSet pixels = new BitSet();
            for (int i = 0; i < size * size; i++) {
                pixels.set(i, random.nextInt(8) > 0);
            }
            int best = 0;
            int first = 0;
            for (int i = 0; i < size * size; i++) {
                int square = pixels.get(i) ? nearestOutside(pixels, size, i % size, i / size) : 0;
                if (square > best) {
                    best = square;
                    first = i;
                }
            }
            long[] bits = java.util.Arrays.copyOf(pixels.toLongArray(), (size * size + 63) / 64);
            DistanceTransform distances = new DistanceTransform(size, bits);
            assertEquals(best, distances.largest());
            assertEquals(first, distances.deepest());
        }
    }

    private static int nearestOutside(BitSet pixels, int size, int x, int y) {
        int nearest = Integer.MAX_VALUE;
        for (int v = -1; v <= size; v++) {
            for (int u = -1; u <= size; u++) {
                boolean inside = u >= 0 && v >= 0 && u < size && v < size && pixels.get(v * size + u);
                if (!inside) {
                    nearest = Math.min(nearest, (u - x) * (u - x) + (v - y) * (v - y));
                }
            }
        }
        return nearest;
    }

    private static long[] rectangle(int x0, int y0, int x1, int y1) {
        BitSet pixels = new BitSet();
        for (int y = y0; y <= y1; y++) {
            pixels.set(SIZE * y + x0, SIZE * y + x1 + 1);
        }
        return java.util.Arrays.copyOf(pixels.toLongArray(), 2);
    }
}
