package dev.sam2j.cli.vos;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.PixelBox;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MaskScoresTest {
    @Test
    void boundariesLieWherePixelsDifferFromTheirRightAndLowerNeighbours() {
        Mask mask = Mask.ofBox(5, 5, new PixelBox(2, 2, 4, 4));
        byte[] expected = {
            0, 0, 0, 0, 0,
            0, 1, 1, 1, 1,
            0, 1, 0, 0, 0,
            0, 1, 0, 0, 0,
            0, 1, 0, 0, 0
        };
        assertArrayEquals(expected, MaskScores.boundary(mask));
    }

    @Test
    void dilationIsByADisk() {
        Random random = new Random(3);
        int width = 31;
        int height = 23;
        for (int radius = 0; radius < 8; radius++) {
            byte[] set = new byte[width * height];
            for (int i = 0; i < 6; i++) {
                set[random.nextInt(set.length)] = 1;
            }
            byte[] expected = new byte[set.length];
            for (int i = 0; i < set.length; i++) {
                for (int j = 0; j < set.length; j++) {
                    int dx = i % width - j % width;
                    int dy = i / width - j / width;
                    expected[i] |= (byte) (set[j] != 0 && dx * dx + dy * dy <= radius * radius ? 1 : 0);
                }
            }
            assertArrayEquals(expected, MaskScores.dilated(set, width, height, radius), "radius " + radius);
        }
    }

    @Test
    void emptyMasksAreRightOnlyWhereTheTruthIsEmpty() {
        Mask empty = Mask.empty(20, 10);
        Mask some = Mask.ofBox(20, 10, new PixelBox(3, 3, 8, 8));
        assertEquals(new MaskScores(1, 1), MaskScores.of(empty, empty));
        assertEquals(new MaskScores(0, 0), MaskScores.of(empty, some));
        assertEquals(new MaskScores(0, 0), MaskScores.of(some, empty));
        assertEquals(new MaskScores(1, 1), MaskScores.of(some, some));
    }

    /** A diagonal of 125 pixels tolerates one. */
    @Test
    void contoursMayBeOffByATolerance() {
        Mask truth = Mask.ofBox(100, 75, new PixelBox(20, 20, 59, 39));
        Mask near = Mask.ofBox(100, 75, new PixelBox(21, 20, 60, 39));
        Mask far = Mask.ofBox(100, 75, new PixelBox(70, 60, 80, 70));
        assertEquals(1, MaskScores.of(near, truth).contour());
        assertEquals(39.0 / 41, MaskScores.of(near, truth).region(), 1e-12);
        assertEquals(new MaskScores(0, 0), MaskScores.of(far, truth));
        // Two pixels to the right: the upper and lower sides fit but for their ends, the other two do not.
        Mask two = Mask.ofBox(100, 75, new PixelBox(22, 20, 61, 39));
        double edge = 2 * 41 + 2 * 19; // boundary pixels of both: columns 19 to 59, rows 19 and 39, and the sides
        // The upper and lower side but for the outermost pixel, and where the outermost column meets them.
        double fits = 2 * 40 + 2;
        assertEquals(fits / edge, MaskScores.of(two, truth).contour(), 1e-12);
    }
}
