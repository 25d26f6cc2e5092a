package dev.sam2j.predictors.mask;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.mask.regions.ConnectedComponents;
import java.awt.geom.Path2D;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PolygonTest {
    @Test
    void onePixel() {
        List<Polygon> polygons = Polygon.of(Mask.ofBox(5, 4, new PixelBox(2, 1, 2, 1)));
        assertEquals(1, polygons.size());
        assertArrayEquals(
                new int[] {3, 1, 3, 2, 2, 2, 2, 1}, polygons.get(0).outer().toXy());
        assertTrue(polygons.get(0).holes().isEmpty());
    }

    @Test
    void ringWithAnIslandInItsHole() {
        Mask frame = Mask.ofBox(9, 9, new PixelBox(1, 1, 7, 7)).andNot(Mask.ofBox(9, 9, new PixelBox(2, 2, 6, 6)));
        List<Polygon> polygons = Polygon.of(frame.or(Mask.ofBox(9, 9, new PixelBox(4, 4, 4, 4))));
        assertEquals(2, polygons.size());
        assertEquals(24, polygons.get(0).area());
        assertEquals(1, polygons.get(0).holes().size());
        assertEquals(-25, polygons.get(0).holes().get(0).signedArea());
        assertEquals(1, polygons.get(1).area());
    }

    @Test
    void cornersOnlySeparate() {
        Mask diagonal = Mask.ofBytes(2, 2, new byte[] {1, 0, 0, 1});
        assertEquals(2, Polygon.of(diagonal).size());
        assertEquals(2, Polygon.of(diagonal.not()).size());
        assertTrue(Polygon.of(Mask.empty(3, 3)).isEmpty());
    }

    @Test
    void fillingGivesTheMaskBack() {
        Random random = new Random(31);
        for (int trial = 0; trial < 300; trial++) {
            int width = 1 + random.nextInt(trial % 5 == 0 ? 150 : 20);
            int height = 1 + random.nextInt(20);
            Mask mask = MaskTest.random(random, width, height);
            List<Polygon> polygons = Polygon.of(mask);
            assertEquals(ConnectedComponents.ofSides(mask).count(), polygons.size());
            assertEquals(mask.area(), polygons.stream().mapToLong(Polygon::area).sum());
            assertEquals(mask, Polygon.toMask(width, height, polygons));
            assertSamePixels(mask, polygons);
        }
    }

    /** Each piece, filled by another rasteriser at pixel centres. */
    private static void assertSamePixels(Mask mask, List<Polygon> polygons) {
        ConnectedComponents pieces = ConnectedComponents.ofSides(mask);
        for (int p = 0; p < polygons.size(); p++) {
            Path2D path = new Path2D.Double(Path2D.WIND_EVEN_ODD);
            append(path, polygons.get(p).outer());
            assertTrue(polygons.get(p).outer().signedArea() > 0);
            for (Polygon.Ring hole : polygons.get(p).holes()) {
                assertTrue(hole.signedArea() < 0);
                append(path, hole);
            }
            for (int y = 0; y < mask.height(); y++) {
                for (int x = 0; x < mask.width(); x++) {
                    assertEquals(pieces.at(x, y) == p, path.contains(x + 0.5, y + 0.5));
                }
            }
            if (p > 3) {
                return;
            }
        }
    }

    private static void append(Path2D path, Polygon.Ring ring) {
        path.moveTo(ring.x(0), ring.y(0));
        for (int i = 1; i < ring.size(); i++) {
            assertTrue(ring.x(i) == ring.x(i - 1) ^ ring.y(i) == ring.y(i - 1));
            path.lineTo(ring.x(i), ring.y(i));
        }
        path.closePath();
    }

    @Test
    void polygonsThatDoNotFitAreRefused() {
        List<Polygon> polygons = Polygon.of(Mask.full(5, 4));
        assertThrows(IllegalArgumentException.class, () -> Polygon.toMask(4, 4, polygons));
        Polygon slanted = new Polygon(new Polygon.Ring(new int[] {0, 0, 3, 3, 0, 3}), List.of());
        assertThrows(IllegalArgumentException.class, () -> Polygon.toMask(4, 4, List.of(slanted)));
    }
}
