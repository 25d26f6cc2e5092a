package dev.sam2j.predictors.mask.regions;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.PixelBox;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MorphologyTest {
    @Test
    void erosionAgreesWithItsDefinition() {
        Random random = new Random(51);
        for (int trial = 0; trial < 200; trial++) {
            int width = 1 + random.nextInt(150);
            int height = 1 + random.nextInt(10);
            byte[] pixels = new byte[width * height];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (byte) (random.nextInt(10) > 0 ? 1 : 0);
            }
            Mask mask = Mask.ofBytes(width, height, pixels);
            Mask eroded = Morphology.erode(mask);
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    boolean kept = in(mask, x, y)
                            && in(mask, x - 1, y)
                            && in(mask, x + 1, y)
                            && in(mask, x, y - 1)
                            && in(mask, x, y + 1);
                    assertEquals(kept, eroded.get(x, y));
                }
            }
        }
    }

    private static boolean in(Mask mask, int x, int y) {
        return x < 0 || y < 0 || x >= mask.width() || y >= mask.height() || mask.get(x, y);
    }

    @Test
    void outlines() {
        Mask box = Mask.ofBox(90, 20, new PixelBox(5, 5, 80, 14));
        assertEquals(box.andNot(Mask.ofBox(90, 20, new PixelBox(7, 7, 78, 12))), Morphology.outline(box, 2));
        assertEquals(box, Morphology.outline(box, 50));
        assertEquals(Mask.empty(9, 9), Morphology.outline(Mask.empty(9, 9), 2));
        assertEquals(Mask.empty(9, 9), Morphology.outline(Mask.full(9, 9), 2));
    }
}
