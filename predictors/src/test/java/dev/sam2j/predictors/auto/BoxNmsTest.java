package dev.sam2j.predictors.auto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class BoxNmsTest {
    @Test
    void dropsOverlapsOfLowerScore() {
        float[] boxes = {0, 0, 10, 10, 1, 0, 11, 10, 20, 20, 30, 30, 0, 0, 10, 10};
        float[] scores = {0.5f, 0.9f, 0.6f, 0.4f};
        assertArrayEquals(new int[] {1, 2}, BoxNms.keep(boxes, scores, 0.7));
        // IoU of the first two is 90 / 110.
        assertArrayEquals(new int[] {1, 2, 0}, BoxNms.keep(boxes, scores, 0.82));
    }

    @Test
    void equalsAreKeptAtTheThresholdAndOrderIsStable() {
        float[] boxes = {0, 0, 10, 10, 0, 0, 10, 5, 0, 5, 10, 10};
        assertArrayEquals(new int[] {0, 1, 2}, BoxNms.keep(boxes, new float[] {1, 1, 1}, 0.5));
        assertArrayEquals(new int[] {0}, BoxNms.keep(boxes, new float[] {1, 1, 1}, 0.49));
        assertArrayEquals(new int[] {1, 2}, BoxNms.keep(boxes, new float[] {0, 1, 1}, 0.49));
    }

    @Test
    void suppressedBoxesDoNotSuppress() {
        float[] boxes = {0, 0, 10, 1, 4, 0, 14, 1, 8, 0, 18, 1};
        assertArrayEquals(new int[] {0, 2}, BoxNms.keep(boxes, new float[] {3, 2, 1}, 0.3));
    }

    @Test
    void boxesWithoutAreaStay() {
        float[] boxes = {5, 5, 5, 5, 5, 5, 5, 5, 0, 0, 10, 10};
        assertArrayEquals(new int[] {0, 1, 2}, BoxNms.keep(boxes, new float[] {3, 2, 1}, 0.1));
        assertArrayEquals(new int[0], BoxNms.keep(new float[0], new float[0], 0.5));
        assertThrows(IllegalArgumentException.class, () -> BoxNms.keep(new float[3], new float[1], 0.5));
    }
}
