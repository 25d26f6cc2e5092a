package dev.sam2j.predictors.auto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.mask.PixelBox;
import java.util.List;
import org.junit.jupiter.api.Test;

class CropBoxTest {
    @Test
    void oneLayer() {
        List<CropBox> expected = List.of(
                new CropBox(0, 0, 1800, 1200, 0),
                new CropBox(0, 0, 1105, 805, 1),
                new CropBox(0, 396, 1105, 804, 1),
                new CropBox(696, 0, 1104, 805, 1),
                new CropBox(696, 396, 1104, 804, 1));
        assertEquals(expected, CropBox.of(1800, 1200, 1, 512.0 / 1500));
    }

    @Test
    void everyLayerCoversThePicture() {
        int[][] sizes = {{64, 48}, {1, 1}, {3, 200}, {401, 399}};
        for (int[] size : sizes) {
            List<CropBox> crops = CropBox.of(size[0], size[1], 3, 0.3);
            for (int layer = 0; layer <= 3; layer++) {
                boolean[] covered = new boolean[size[0] * size[1]];
                for (CropBox crop : crops) {
                    assertTrue(crop.x() >= 0 && crop.x() + crop.width() <= size[0] && crop.width() > 0);
                    assertTrue(crop.y() >= 0 && crop.y() + crop.height() <= size[1] && crop.height() > 0);
                    for (int i = 0; crop.layer() == layer && i < crop.width() * crop.height(); i++) {
                        covered[(crop.y() + i / crop.width()) * size[0] + crop.x() + i % crop.width()] = true;
                    }
                }
                for (boolean pixel : covered) {
                    assertTrue(pixel);
                }
            }
        }
        assertEquals(1 + 4 + 16 + 64, CropBox.of(401, 399, 3, 0.3).size());
    }

    @Test
    void objectsCutByACropSideAreFound() {
        CropBox crop = new CropBox(100, 100, 200, 200, 1);
        assertFalse(crop.cutsOff(new PixelBox(130, 130, 200, 200), 1000, 1000));
        assertTrue(crop.cutsOff(new PixelBox(120, 130, 200, 200), 1000, 1000));
        assertFalse(crop.cutsOff(new PixelBox(121, 130, 200, 200), 1000, 1000));
        assertTrue(crop.cutsOff(new PixelBox(130, 110, 200, 200), 1000, 1000));
        assertTrue(crop.cutsOff(new PixelBox(130, 130, 280, 200), 1000, 1000));
        assertTrue(crop.cutsOff(new PixelBox(130, 130, 200, 299), 1000, 1000));
        // The crop's sides are the picture's.
        assertFalse(new CropBox(0, 0, 300, 300, 1).cutsOff(new PixelBox(0, 0, 290, 290), 300, 300));
        // Near both the crop's side and the picture's.
        assertFalse(new CropBox(0, 0, 280, 280, 1).cutsOff(new PixelBox(10, 10, 280, 250), 300, 300));
    }

    @Test
    void badParametersAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> CropBox.of(0, 5, 0, 0.3));
        assertThrows(IllegalArgumentException.class, () -> CropBox.of(5, 5, -1, 0.3));
        assertThrows(IllegalArgumentException.class, () -> CropBox.of(5, 5, 9, 0.3));
        assertThrows(IllegalArgumentException.class, () -> CropBox.of(5, 5, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> CropBox.of(5, 5, 1, Double.NaN));
    }
}
