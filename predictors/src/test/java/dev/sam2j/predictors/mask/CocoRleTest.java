package dev.sam2j.predictors.mask;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CocoRleTest {
    @Test
    void publishedStrings() {
        assertPublished("061M", 10, 0, 6, 1, 3);
        assertPublished("061O", 12, 0, 6, 1, 5);
        assertPublished("0610", 13, 0, 6, 1, 6);
        assertPublished("011101010", 14, 0, 1, 1, 2, 1, 3, 1, 4, 1);
        assertPublished("0PP1", 1024, 0, 1024);
    }

    private static void assertPublished(String text, int pixels, int... counts) {
        CocoRle rle = CocoRle.ofCounts(1, pixels, counts);
        assertEquals(text, rle.toCompressed());
        assertArrayEquals(counts, CocoRle.ofCompressed(1, pixels, text).counts());
        assertEquals(rle, CocoRle.of(rle.toMask()));
    }

    @Test
    void equalsPycocotools() throws IOException {
        int cases = 0;
        try (InputStream in = CocoRleTest.class.getResourceAsStream("/masks/pycocotools.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                if (line.startsWith("#")) {
                    continue;
                }
                String[] parts = line.split(" ");
                Mask mask = parse(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), parts[2]);
                assertEquals(parts[3], CocoRle.of(mask).toCompressed());
                assertEquals(
                        mask,
                        CocoRle.ofCompressed(mask.width(), mask.height(), parts[3])
                                .toMask());
                cases++;
            }
        }
        assertTrue(cases >= 65, cases + " cases");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 63, 64, 65, 130, 200})
    void masksOfAllSizes(int width) {
        Random random = new Random(width);
        for (int height : new int[] {1, 63, 64, 65, 131, 192}) {
            for (double density : new double[] {0, 0.01, 0.5, 1}) {
                byte[] pixels = new byte[width * height];
                // A part of the picture, so that the columns and rows around it are background.
                int fromX = random.nextInt(width);
                int fromY = random.nextInt(height);
                int toX = fromX + 1 + random.nextInt(width - fromX);
                int toY = fromY + 1 + random.nextInt(height - fromY);
                for (int y = fromY; y < toY; y++) {
                    for (int x = fromX; x < toX; x++) {
                        pixels[y * width + x] = (byte) (random.nextDouble() < density ? 1 : 0);
                    }
                }
                int[] expected = countedOneByOne(width, height, pixels);
                assertArrayEquals(
                        expected,
                        CocoRle.of(Mask.ofBytes(width, height, pixels)).counts());
            }
        }
    }

    private static int[] countedOneByOne(int width, int height, byte[] pixels) {
        List<Integer> counts = new ArrayList<>();
        int run = 0;
        int current = 0;
        for (int x = 0; x < width; x++) {
            for (int y = 0; y < height; y++) {
                if (pixels[y * width + x] != current) {
                    counts.add(run);
                    run = 0;
                    current ^= 1;
                }
                run++;
            }
        }
        counts.add(run);
        return counts.stream().mapToInt(Integer::intValue).toArray();
    }

    private static Mask parse(int width, int height, String text) {
        if (text.startsWith("box:")) {
            int[] box = Arrays.stream(text.substring(4).split(","))
                    .mapToInt(Integer::parseInt)
                    .toArray();
            return Mask.ofBox(width, height, new PixelBox(box[0], box[1], box[2], box[3]));
        }
        byte[] pixels = text.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] -= '0';
        }
        return Mask.ofBytes(width, height, pixels);
    }

    @Test
    void roundTripsAndMatchesAPixelwiseEncoder() {
        Random random = new Random(11);
        for (int trial = 0; trial < 500; trial++) {
            int width = 1 + random.nextInt(200);
            int height = 1 + random.nextInt(20);
            Mask mask = MaskTest.random(random, width, height);
            CocoRle rle = CocoRle.of(mask);
            assertArrayEquals(pixelwise(mask), rle.counts());
            assertEquals(mask.area(), rle.area());
            assertEquals(mask, rle.toMask());
            assertEquals(rle, CocoRle.ofCompressed(width, height, rle.toCompressed()));
        }
    }

    private static int[] pixelwise(Mask mask) {
        List<Integer> counts = new ArrayList<>();
        boolean current = false;
        int run = 0;
        for (int x = 0; x < mask.width(); x++) {
            for (int y = 0; y < mask.height(); y++) {
                if (mask.get(x, y) != current) {
                    counts.add(run);
                    run = 0;
                    current = !current;
                }
                run++;
            }
        }
        counts.add(run);
        return counts.stream().mapToInt(Integer::intValue).toArray();
    }

    @Test
    void decodesRunsOfLengthZero() {
        Mask mask = CocoRle.ofCounts(2, 3, 1, 2, 0, 1, 2, 0).toMask();
        assertEquals(CocoRle.ofCounts(2, 3, 1, 3, 2), CocoRle.of(mask));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "0", "061M1", "06", "0!1M", "06\u00e41M", "0PPPPPPPPPPPP1", "P", "0O", "o", "000000000000"})
    void malformedStringsAreRefused(String text) {
        String message = assertThrows(IllegalArgumentException.class, () -> CocoRle.ofCompressed(2, 5, text))
                .getMessage();
        assertTrue(message.startsWith("RLE: "), message);
    }

    @Test
    void randomStringsNeverEscape() {
        Random random = new Random(12);
        for (int trial = 0; trial < 20_000; trial++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(8); i >= 0; i--) {
                text.append((char) (46 + random.nextInt(68)));
            }
            try {
                CocoRle rle = CocoRle.ofCompressed(2, 2, text.toString());
                assertEquals(rle.area(), rle.toMask().area());
            } catch (IllegalArgumentException e) {
                assertTrue(e.getMessage().startsWith("RLE: "), e.getMessage());
            }
        }
        assertThrows(IllegalArgumentException.class, () -> CocoRle.ofCounts(2, 2, -1, 5));
        assertThrows(IllegalArgumentException.class, () -> CocoRle.ofCounts(2, 2, 5));
        assertThrows(IllegalArgumentException.class, () -> CocoRle.ofCounts(1 << 20, 1 << 20, 5));
    }
}
