package dev.sam2j.predictors.mask.regions;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sam2j.predictors.mask.Mask;
import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConnectedComponentsTest {
    /** Labels by flood fill in raster order. */
    private static int[] floodFill(Mask mask, boolean corners) {
        int width = mask.width();
        int[] labels = new int[width * mask.height()];
        int count = 0;
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] != 0 || !mask.get(i % width, i / width)) {
                continue;
            }
            labels[i] = ++count;
            ArrayDeque<Integer> open = new ArrayDeque<>();
            open.add(i);
            while (!open.isEmpty()) {
                int at = open.remove();
                for (int n = 0; n < 9; n++) {
                    int dx = n % 3 - 1;
                    int dy = n / 3 - 1;
                    int x = at % width + dx;
                    int y = at / width + dy;
                    if (!corners && dx != 0 && dy != 0 || x < 0 || y < 0 || x >= width || y >= mask.height()) {
                        continue;
                    }
                    int neighbour = y * width + x;
                    if (labels[neighbour] == 0 && mask.get(x, y)) {
                        labels[neighbour] = count;
                        open.add(neighbour);
                    }
                }
            }
        }
        return labels;
    }

    private static void assertSame(int[] expected, Mask mask, ConnectedComponents actual) {
        assertArrayEquals(expected, actual.toLabels());
        int[] areas = new int[actual.count()];
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i] - 1, actual.at(i % mask.width(), i / mask.width()));
            if (expected[i] > 0) {
                areas[expected[i] - 1]++;
            }
        }
        for (int c = 0; c < areas.length; c++) {
            assertEquals(areas[c], actual.area(c));
            assertEquals(areas[c], actual.component(c).area());
        }
    }

    @Test
    void agreesWithFloodFill() {
        Random random = new Random(21);
        for (int trial = 0; trial < 600; trial++) {
            int width = 1 + random.nextInt(trial % 10 == 0 ? 140 : 20);
            int height = 1 + random.nextInt(20);
            byte[] pixels = new byte[width * height];
            double density = 0.1 + 0.8 * random.nextDouble();
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (byte) (random.nextDouble() < density ? 1 : 0);
            }
            Mask mask = Mask.ofBytes(width, height, pixels);
            assertSame(floodFill(mask, true), mask, ConnectedComponents.of(mask));
            assertSame(floodFill(mask, false), mask, ConnectedComponents.ofSides(mask));
        }
    }

    @Test
    void emptyFullAndSpiral() {
        assertEquals(0, ConnectedComponents.of(Mask.empty(5, 4)).count());
        assertEquals(20, ConnectedComponents.of(Mask.full(5, 4)).area(0));
        int n = 101;
        byte[] pixels = new byte[n * n];
        int x = 0;
        int y = 0;
        int length = 0;
        int dx = 1;
        int dy = 0;
        for (int step = n - 1; step > 0; step -= length == 0 ? 0 : 2) {
            for (int turn = 0; turn < 2; turn++) {
                for (int i = 0; i < step; i++, x += dx, y += dy) {
                    pixels[y * n + x] = 1;
                }
                int previous = dx;
                dx = -dy;
                dy = previous;
            }
            length++;
        }
        Mask spiral = Mask.ofBytes(n, n, pixels);
        assertEquals(1, ConnectedComponents.ofSides(spiral).count());
        assertSame(floodFill(spiral.not(), true), spiral.not(), ConnectedComponents.of(spiral.not()));
    }
}
