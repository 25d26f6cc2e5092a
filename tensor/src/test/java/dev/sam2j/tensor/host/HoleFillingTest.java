package dev.sam2j.tensor.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HoleFillingTest {
    /** '#' is above 0. */
    private static float[] logits(String... rows) {
        String all = String.join("", rows);
        float[] logits = new float[all.length()];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = all.charAt(i) == '#' ? 0.5f : 0;
        }
        return logits;
    }

    @Test
    void areasAtTheBorderAndAcrossCorners() {
        float[] logits = logits(".###", "#.##", "####", "###.");
        HoleFilling.run(logits, 0, 4, 4, 0, 0.1f);
        assertEquals(0, logits[15]);
        HoleFilling.run(logits, 0, 4, 4, 1, 0.1f);
        assertEquals(0.1f, logits[15]);
        assertEquals(0, logits[0]);
        assertEquals(0.5f, logits[1]);
        HoleFilling.run(logits, 0, 4, 4, 2, 0.1f);
        assertEquals(0.1f, logits[0]);
        assertEquals(0.1f, logits[5]);
    }

    @Test
    void rowsDoNotRunIntoEachOther() {
        float[] logits = logits("##.", ".##", "##.");
        HoleFilling.run(logits, 0, 3, 3, 1, 1);
        assertArrayEquals(new float[] {0.5f, 0.5f, 1, 1, 0.5f, 0.5f, 0.5f, 0.5f, 1}, logits);
    }

    @Test
    void nothingOutsideOfTheMap() {
        float[] logits = {0, 0, 1, 0, 1, 0, 0};
        HoleFilling.run(logits, 2, 1, 3, 3, 2);
        assertArrayEquals(new float[] {0, 0, 1, 2, 1, 0, 0}, logits);
    }

    @Test
    void nanIsNoHole() {
        float[] logits = {1, Float.NaN, -1};
        HoleFilling.run(logits, 0, 1, 3, 5, 2);
        assertTrue(Float.isNaN(logits[1]));
        assertEquals(2, logits[2]);
    }
}
