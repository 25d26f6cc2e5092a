package dev.sam2j.predictors.mask;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MaskTest {
    private static final int[][] SIZES = {{1, 1}, {1, 70}, {70, 1}, {64, 2}, {63, 5}, {65, 7}, {128, 3}, {200, 31}};

    /** Random pixels inside a random box, from sparse to full. */
    static byte[] randomPixels(Random random, int width, int height) {
        byte[] pixels = new byte[width * height];
        double density = random.nextInt(4) / 3.0;
        int x0 = random.nextInt(width);
        int x1 = x0 + random.nextInt(width - x0);
        int y0 = random.nextInt(height);
        int y1 = y0 + random.nextInt(height - y0);
        for (int y = y0; y <= y1; y++) {
            for (int x = x0; x <= x1; x++) {
                pixels[y * width + x] = (byte) (random.nextDouble() < density ? 1 : 0);
            }
        }
        return pixels;
    }

    static Mask random(Random random, int width, int height) {
        return Mask.ofBytes(width, height, randomPixels(random, width, height));
    }

    @Test
    void agreesWithOneBytePerPixel() {
        Random random = new Random(1);
        for (int trial = 0; trial < 400; trial++) {
            int width = SIZES[trial % SIZES.length][0];
            int height = SIZES[trial % SIZES.length][1];
            byte[] pixels = randomPixels(random, width, height);
            Mask mask = Mask.ofBytes(width, height, pixels);
            int area = 0;
            int xMin = width;
            int yMin = height;
            int xMax = -1;
            int yMax = -1;
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    boolean set = pixels[y * width + x] != 0;
                    assertEquals(set, mask.get(x, y));
                    assertEquals(set, mask.toBitSet().get(y * width + x));
                    if (set) {
                        area++;
                        xMin = Math.min(xMin, x);
                        xMax = Math.max(xMax, x);
                        yMin = Math.min(yMin, y);
                        yMax = Math.max(yMax, y);
                    }
                }
            }
            assertEquals(area, mask.area());
            assertEquals(area == 0, mask.isEmpty());
            assertEquals(area == 0 ? PixelBox.EMPTY : new PixelBox(xMin, yMin, xMax, yMax), mask.boundingBox());
            assertArrayEquals(pixels, mask.toBytes(1));
            assertEquals(mask, Mask.of(width, height, mask.toBits()));
        }
    }

    @Test
    void unusedBitsAreCleared() {
        Mask mask = Mask.of(5, 3, new long[] {7, -1L}, 1);
        assertEquals(15, mask.area());
        assertEquals(Mask.full(5, 3), mask);
        assertEquals(Mask.empty(5, 3), mask.not());
    }

    @Test
    void ownsArraysThatItIsGiven() {
        long[] bits = {-1};
        Mask mask = Mask.owning(5, 3, bits);
        assertEquals(Mask.full(5, 3), mask);
        assertEquals((1 << 15) - 1, bits[0]);
        assertThrows(IllegalArgumentException.class, () -> Mask.owning(5, 3, new long[2]));
        assertThrows(IllegalArgumentException.class, () -> Mask.owning(65, 1, new long[1]));
    }

    @Test
    void doesNotShareArrays() {
        long[] bits = {0b101};
        Mask mask = Mask.of(3, 1, bits);
        bits[0] = 0;
        mask.toBits()[0] = 0;
        assertEquals(2, mask.area());
        assertTrue(mask.get(0, 0) && !mask.get(1, 0) && mask.get(2, 0));
    }

    @Test
    void thresholdIsStrictAndNanIsOutside() {
        Mask mask = Mask.ofLogits(5, 1, new float[] {0, Float.MIN_VALUE, -1, Float.NaN, Float.POSITIVE_INFINITY}, 0);
        assertArrayEquals(new byte[] {0, 1, 0, 0, 1}, mask.toBytes(1));
    }

    @Test
    void setOperations() {
        Random random = new Random(2);
        for (int trial = 0; trial < 50; trial++) {
            byte[] a = randomPixels(random, 77, 13);
            byte[] b = randomPixels(random, 77, 13);
            Mask first = Mask.ofBytes(77, 13, a);
            Mask second = Mask.ofBytes(77, 13, b);
            int both = 0;
            int either = 0;
            for (int i = 0; i < a.length; i++) {
                both += a[i] & b[i];
                either += a[i] | b[i];
            }
            assertEquals(both, first.intersectionArea(second));
            assertEquals(both, first.and(second).area());
            assertEquals(either, first.or(second).area());
            assertEquals(first.area() - both, first.andNot(second).area());
            assertEquals(either == 0 ? 1 : (double) both / either, first.iou(second));
        }
    }

    @Test
    void placesCropsInLargerPictures() {
        Random random = new Random(3);
        for (int trial = 0; trial < 100; trial++) {
            int width = 1 + random.nextInt(150);
            int height = 1 + random.nextInt(9);
            int x = random.nextInt(80);
            int y = random.nextInt(5);
            int fullWidth = x + width + random.nextInt(3);
            int fullHeight = y + height + random.nextInt(3);
            Mask mask = random(random, width, height);
            Mask placed = mask.placedAt(x, y, fullWidth, fullHeight);
            assertEquals(mask.area(), placed.area());
            assertEquals(mask.boundingBox().translate(x, y), placed.boundingBox());
            for (int row = 0; row < height; row++) {
                for (int column = 0; column < width; column++) {
                    assertEquals(mask.get(column, row), placed.get(x + column, y + row));
                }
            }
        }
        assertThrows(IllegalArgumentException.class, () -> Mask.full(3, 3).placedAt(1, 0, 3, 3));
    }

    @Test
    void picturesAreZeroAnd255() {
        Mask mask = random(new Random(4), 70, 9);
        BufferedImage grey = mask.toBufferedImage();
        BufferedImage binary = mask.toBinaryImage();
        for (int y = 0; y < 9; y++) {
            for (int x = 0; x < 70; x++) {
                assertEquals(mask.get(x, y) ? 255 : 0, grey.getRaster().getSample(x, y, 0));
                assertEquals(mask.get(x, y) ? 0xFFFFFFFF : 0xFF000000, binary.getRGB(x, y));
            }
        }
    }

    @Test
    void boxes() {
        PixelBox box = new PixelBox(2, 3, 10, 5);
        Mask mask = Mask.ofBox(70, 9, box);
        assertEquals(27, mask.area());
        assertEquals(box, mask.boundingBox());
        assertArrayEquals(new int[] {2, 3, 9, 3}, box.toXywh());
        assertArrayEquals(new int[] {2, 3, 8, 2}, box.toReferenceXywh());
        assertArrayEquals(new int[] {2, 3, 10, 5}, box.toXyxy());
        assertArrayEquals(new int[4], PixelBox.EMPTY.toXywh());
        assertArrayEquals(new int[4], PixelBox.EMPTY.toReferenceXywh());
        assertEquals(PixelBox.EMPTY, PixelBox.EMPTY.translate(3, 4));
        assertEquals(Mask.empty(70, 9), Mask.ofBox(70, 9, PixelBox.EMPTY));
    }

    @Test
    void badInputIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Mask.empty(0, 3));
        assertThrows(IllegalArgumentException.class, () -> Mask.empty(65536, 65536));
        assertThrows(IllegalArgumentException.class, () -> Mask.of(65, 1, new long[1]));
        assertThrows(IllegalArgumentException.class, () -> Mask.of(65, 1, new long[2], -1));
        assertThrows(IllegalArgumentException.class, () -> Mask.ofBytes(2, 2, new byte[3]));
        assertThrows(IllegalArgumentException.class, () -> Mask.empty(2, 3).iou(Mask.empty(3, 2)));
        assertThrows(IndexOutOfBoundsException.class, () -> Mask.empty(2, 3).get(2, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> Mask.ofBox(4, 4, new PixelBox(0, 0, 4, 0)));
        assertFalse(Mask.empty(2, 3).equals(Mask.empty(3, 2)));
        assertNotEquals(Mask.empty(2, 3), Mask.full(2, 3));
    }
}
