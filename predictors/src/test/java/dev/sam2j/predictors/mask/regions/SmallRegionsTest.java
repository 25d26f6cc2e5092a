package dev.sam2j.predictors.mask.regions;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.mask.Mask;
import org.junit.jupiter.api.Test;

class SmallRegionsTest {
    /** '#' is above the threshold. */
    private static float[] logits(float threshold, String... rows) {
        String all = String.join("", rows);
        float[] logits = new float[all.length()];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = threshold + (all.charAt(i) == '#' ? 0.5f : 0);
        }
        return logits;
    }

    private static Mask mask(String... rows) {
        return Mask.ofLogits(rows[0].length(), rows.length, logits(0, rows), 0);
    }

    @Test
    void holesAndSprinklesComeFromTheOriginalLogits() {
        // The sprinkle of one pixel lies in a hole of eight: filling the hole does not save it.
        float[] logits = logits(2, "#####", "#...#", "#.#.#", "#...#", "#####");
        float[] corrected = SmallRegions.correct(logits, 5, 5, 2, 8, 1);
        for (int y = 0; y < 5; y++) {
            for (int x = 0; x < 5; x++) {
                boolean border = x == 0 || y == 0 || x == 4 || y == 4;
                assertEquals(border ? 2.5f : x == 2 && y == 2 ? -8 : 12, corrected[y * 5 + x]);
            }
        }
        assertEquals(2, logits[6]);
        assertArrayEquals(logits, SmallRegions.correct(logits, 5, 5, 2, 7, 0));
        assertSame(logits, SmallRegions.correct(logits, 5, 5, 2, 0, 0));
        assertEquals(-8, SmallRegions.correct(logits, 5, 5, 2, 0, 16)[0]);
        assertEquals(2.5f, SmallRegions.correct(logits, 5, 5, 2, 0, 15)[0]);
    }

    @Test
    void holesAtTheBorderAndAcrossCorners() {
        float[] logits = logits(0, ".###", "#.##", "####", "###.");
        float[] corrected = SmallRegions.correct(logits, 4, 4, 0, 1, 0);
        assertEquals(0, corrected[0]);
        assertEquals(0, corrected[5]);
        assertEquals(10, corrected[15]);
        corrected = SmallRegions.correct(logits, 4, 4, 0, 2, 0);
        assertEquals(10, corrected[0]);
        assertEquals(10, corrected[5]);
    }

    @Test
    void nanIsNeither() {
        float[] corrected = SmallRegions.correct(new float[] {1, Float.NaN, 1}, 3, 1, 0, 5, 0);
        assertTrue(Float.isNaN(corrected[1]));
    }

    @Test
    void masks() {
        Mask mask = mask("####..", "#..#.#", "####..", "......");
        assertFalse(SmallRegions.clean(mask, 1).changed());
        assertSame(mask, SmallRegions.fillHoles(mask, 2).mask());
        assertEquals(
                mask("####..", "####.#", "####..", "......"),
                SmallRegions.fillHoles(mask, 3).mask());
        assertEquals(
                mask("####..", "#..#..", "####..", "......"),
                SmallRegions.removeIslands(mask, 2).mask());
        SmallRegions.Cleaned both = SmallRegions.clean(mask, 3);
        assertEquals(mask("####..", "####..", "####..", "......"), both.mask());
        assertTrue(both.changed());
    }

    @Test
    void theLargestIslandStays() {
        SmallRegions.Cleaned cleaned = SmallRegions.removeIslands(mask("#.##.##", "#......"), 100);
        assertTrue(cleaned.changed());
        assertEquals(mask("#......", "#......"), cleaned.mask());
        assertFalse(SmallRegions.removeIslands(Mask.empty(3, 3), 100).changed());
        assertEquals(
                Mask.full(3, 3), SmallRegions.fillHoles(Mask.empty(3, 3), 10).mask());
    }
}
