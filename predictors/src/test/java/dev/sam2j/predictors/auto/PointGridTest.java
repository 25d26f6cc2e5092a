package dev.sam2j.predictors.auto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class PointGridTest {
    @Test
    void centresOfCells() {
        PointGrid grid = PointGrid.uniform(2);
        assertEquals(4, grid.size());
        assertArrayEquals(new float[] {25, 10, 75, 10, 25, 30, 75, 30}, grid.toPixels(100, 40));
        assertEquals(1 / 6.0, PointGrid.uniform(3).x(0));
        assertEquals(5 / 6.0, PointGrid.uniform(3).y(8));
    }

    @Test
    void layersShrink() {
        assertEquals(List.of(1024, 256, 64), sizes(32, 2, 2));
        assertEquals(List.of(1024, 1024), sizes(32, 1, 1));
        assertEquals(List.of(100, 9, 1), sizes(10, 2, 3));
        assertThrows(IllegalArgumentException.class, () -> PointGrid.forLayers(8, 4, 2));
        assertThrows(IllegalArgumentException.class, () -> PointGrid.forLayers(0, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> PointGrid.forLayers(8, 1, 0));
    }

    private static List<Integer> sizes(int side, int layers, int factor) {
        return PointGrid.forLayers(side, layers, factor).stream()
                .map(PointGrid::size)
                .toList();
    }

    @Test
    void ownPoints() {
        double[] xy = {0, 1, 0.5, 0.25};
        PointGrid grid = PointGrid.of(xy);
        xy[0] = 0.7;
        assertArrayEquals(new float[] {0, 8, 5, 2}, grid.toPixels(10, 8));
        assertThrows(IllegalArgumentException.class, () -> PointGrid.of());
        assertThrows(IllegalArgumentException.class, () -> PointGrid.of(1, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> PointGrid.of(1.1, 0));
        assertThrows(IllegalArgumentException.class, () -> PointGrid.of(Double.NaN, 0));
        assertThrows(IllegalArgumentException.class, () -> PointGrid.uniform(5000));
    }
}
