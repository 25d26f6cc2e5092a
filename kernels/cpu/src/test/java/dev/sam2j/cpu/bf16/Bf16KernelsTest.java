package dev.sam2j.cpu.bf16;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sam2j.cpu.Bf16Kernels;
import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.attention.Attention;
import dev.sam2j.cpu.attention.AttentionTiles;
import dev.sam2j.cpu.products.ProductKernel;
import dev.sam2j.tensor.host.HalfPrecision;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Products and attention of both implementations against definitions; values are small integers over 8, so that no
 * product or sum is rounded.
 */
class Bf16KernelsTest {
    private static final float SENTINEL = -12345.678f;

    private final Random random = new Random(11);

    static Stream<String> names() {
        return Stream.of("scalar", "x86");
    }

    private static CpuKernels kernels(String name) {
        if (name.equals("scalar")) {
            return Bf16Kernels.scalar();
        }
        String reason = Bf16Kernels.unavailableReason();
        Assumptions.assumeTrue(reason == null, reason);
        return Bf16Kernels.choose();
    }

    private float[] eighths(int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (random.nextInt(257) - 128) / 8f;
        }
        return values;
    }

    private static float[] filled(int n, float value) {
        float[] values = new float[n];
        Arrays.fill(values, value);
        return values;
    }

    @ParameterizedTest
    @MethodSource("names")
    void wordsHoldValuesHalfAGroupApart(String name) {
        ProductKernel kernel = kernels(name).products();
        for (int n : new int[] {1, 2, 16, 31, 32, 33, 48, 96, 112, 144, 147}) {
            float[] x = new float[n + 3];
            for (int i = 0; i < x.length; i++) {
                x[i] = (float) random.nextGaussian();
            }
            int words = (n + 1) / 2;
            float[] to = filled(words + 7, SENTINEL);
            kernel.toWords(x, 3, n, 1.7f, to, 5);
            float[] back = filled(n + 2, SENTINEL);
            kernel.fromWords(to, 5, n, back, 1);
            for (int i = 0; i < n; i++) {
                float expected = HalfPrecision.fromBf16(HalfPrecision.toBf16(1.7f * x[3 + i]));
                assertEquals(expected, back[1 + i], n + " values, number " + i);
            }
            assertEquals(SENTINEL, back[0]);
            assertEquals(SENTINEL, back[n + 1]);
            assertEquals(SENTINEL, to[4]);
            assertEquals(SENTINEL, to[5 + words]);
            int first = Math.min(n, 32);
            assertEquals(back[1], Bf16Words.low(to[5]));
            assertEquals(n == 1 ? 0 : back[1 + (first + 1) / 2], Bf16Words.high(to[5]));
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void roundsToNearestEven(String name) {
        ProductKernel kernel = kernels(name).products();
        float[] x = new float[32];
        for (int i = 0; i < 32; i++) {
            x[i] = Float.intBitsToFloat(
                    random.nextInt(0x7f000000) & ~0xffff | (i % 4 == 0 ? 0x8000 : random.nextInt()));
        }
        x[5] = Float.POSITIVE_INFINITY;
        x[6] = Float.NaN;
        x[7] = -0f;
        float[] to = new float[16];
        kernel.toWords(x, 0, 32, 1, to, 0);
        float[] back = new float[32];
        kernel.fromWords(to, 0, 32, back, 0);
        for (int i = 0; i < 32; i++) {
            assertEquals(HalfPrecision.fromBf16(HalfPrecision.toBf16(x[i])), back[i], "of " + x[i]);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void rowsMeetInPairs(String name) {
        Bf16AttentionTiles attention = (Bf16AttentionTiles) kernels(name).attention();
        for (int rows : new int[] {1, 2, 7, 8}) {
            float[] x = eighths(4 + rows * 40);
            float[] before = x.clone();
            attention.pairRows(x, 4, rows, 40, 32);
            for (int k = 0; k < (rows + 1) / 2; k++) {
                for (int j = 0; j < 32; j++) {
                    int at = 4 + 2 * k * 40 + j;
                    float word = x[4 + k * 40 + j];
                    assertEquals(before[at], Bf16Words.low(word));
                    assertEquals(2 * k + 1 < rows ? before[at + 40] : 0, Bf16Words.high(word));
                }
                assertEquals(before[4 + k * 40 + 32], x[4 + k * 40 + 32]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void tilesOfAllHeights(String name) {
        ProductKernel kernel = kernels(name).products();
        for (int rows = 1; rows <= 12; rows++) {
            tiles(kernel, rows, 1 + random.nextInt(80), 1 + random.nextInt(4), rows % 2 == 0);
        }
        tiles(kernel, 12, ProductKernel.MAX_DEPTH, 2, true);
    }

    private void tiles(ProductKernel kernel, int rows, int depth, int panels, boolean inPlace) {
        int width = kernel.panelWidth();
        int panelStride = (depth + 2) * width;
        int cStride = panels * width + 16;
        float[] a = words(5 + 12 * ProductKernel.ROW_STRIDE);
        float[] data = words(7 + panels * panelStride);
        float[] c = eighths(9 + 12 * cStride);
        float[] seed = eighths(3 + panels * width);
        float[] before = c.clone();
        float[] from = inPlace ? c : seed;
        int at = inPlace ? 9 : 3;
        int fromStride = inPlace ? cStride : 0;
        kernel.tiles(rows, a, 5, data, 7, panelStride, panels, depth, from, at, fromStride, width, c, 9, cStride);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < panels * width; j++) {
                double sum = inPlace ? before[9 + i * cStride + j] : seed[3 + j];
                for (int k = 0; k < depth; k++) {
                    int word = 7 + j / width * panelStride + k * width + j % width;
                    sum += dot(a[5 + i * ProductKernel.ROW_STRIDE + k], data[word]);
                }
                assertEquals(
                        sum, c[9 + i * cStride + j], rows + " x " + depth + " x " + panels + " at " + i + ", " + j);
            }
            for (int j = 0; j < 16; j++) {
                int gap = 9 + i * cStride + panels * width + j;
                assertEquals(before[gap], c[gap]);
            }
        }
        assertArrayEquals(Arrays.copyOf(before, 9), Arrays.copyOf(c, 9));
    }

    @ParameterizedTest
    @MethodSource("names")
    void columnsByPanelsOfBothWidths(String name) {
        AttentionTiles attention = kernels(name).attention();
        for (int vectors = 1; vectors <= 2; vectors++) {
            for (int tiles = 1; tiles <= 3; tiles++) {
                columns(attention, tiles, vectors, 1 + random.nextInt(132), false);
                columns(attention, tiles, vectors, 1 + random.nextInt(132), true);
            }
        }
    }

    private void columns(AttentionTiles attention, int tiles, int vectors, int depth, boolean accumulate) {
        int width = vectors * attention.lanes();
        int stride = width + 8;
        int rows = tiles * attention.rows();
        float[] p = words(depth * Attention.STRIDE);
        float[] v = words(3 + depth * width);
        float[] c = eighths(2 + rows * stride);
        float[] before = c.clone();
        attention.multiply(p, rows, v, 3, 2 * depth, vectors, accumulate, c, 2, stride);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < stride && 2 + i * stride + j < c.length; j++) {
                int at = 2 + i * stride + j;
                double sum = accumulate || j >= width ? before[at] : 0;
                for (int k = 0; k < depth && j < width; k++) {
                    sum += dot(p[k * Attention.STRIDE + i], v[3 + k * width + j]);
                }
                assertEquals(sum, c[at], tiles + " tiles, " + depth + " words, at " + i + ", " + j);
            }
        }
    }

    private float[] words(int n) {
        float[] low = eighths(n);
        float[] high = eighths(n);
        for (int i = 0; i < n; i++) {
            low[i] = Bf16Words.word(low[i], high[i]);
        }
        return low;
    }

    private static double dot(float a, float b) {
        return (double) Bf16Words.low(a) * Bf16Words.low(b) + (double) Bf16Words.high(a) * Bf16Words.high(b);
    }

    /** Machine code would not end. */
    @Test
    void refusesProductsOfNothing() {
        ProductKernel kernel = kernels("x86").products();
        AttentionTiles attention = kernels("x86").attention();
        float[] x = new float[12 * ProductKernel.ROW_STRIDE];
        assertThrows(
                IllegalArgumentException.class, () -> kernel.tiles(12, x, 0, x, 0, 32, 0, 1, x, 0, 0, 0, x, 0, 32));
        assertThrows(
                IllegalArgumentException.class, () -> kernel.tiles(12, x, 0, x, 0, 32, 1, 0, x, 0, 0, 0, x, 0, 32));
        assertThrows(IllegalArgumentException.class, () -> attention.multiply(x, 12, x, 0, 0, 2, false, x, 0, 32));
    }

    /** Machine code would write behind the end of an array. */
    @Test
    void refusesArraysThatAreTooShort() {
        ProductKernel kernel = kernels("x86").products();
        AttentionTiles attention = kernels("x86").attention();
        float[] large = new float[12 * ProductKernel.ROW_STRIDE];
        float[] small = new float[12 * 32 - 1];
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> kernel.tiles(12, large, 0, large, 0, 32, 1, 1, large, 0, 0, 0, small, 0, 32));
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> kernel.tiles(12, small, 0, large, 0, 32, 1, 1, large, 0, 0, 0, large, 0, 32));
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> attention.multiply(large, 12, small, 0, 24, 2, false, large, 0, 32));
    }
}
