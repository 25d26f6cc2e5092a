package dev.sam2j.cpu.bf16;

import dev.sam2j.cpu.products.ProductKernel;
import dev.sam2j.cpu.x86.Bf16Code;
import dev.sam2j.tensor.host.HalfPrecision;

/**
 * Words of two bfloat16 factors, as {@link Bf16Gemm} and {@link Bf16AttentionTiles} keep them in arrays of floats, in
 * plain Java. A word of a row that is a factor by itself holds two values of that row, half a group of 32 apart: then
 * vectors meet lane by lane. A word of rows that are multiplied column by column holds values of two rows.
 */
final class Bf16Words {
    /** Values that become the words of a vector. */
    private static final int GROUP = 2 * Bf16Code.LANES;

    private static final int HIGH = 0xffff0000;

    private Bf16Words() {}

    /** The word of two values, rounded to bfloat16. */
    static float word(float low, float high) {
        int bits = HalfPrecision.toBf16(low) & 0xffff | HalfPrecision.toBf16(high) << 16;
        return Float.intBitsToFloat(bits);
    }

    /** The first value of a word. */
    static float low(float word) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(word) << 16);
    }

    /** The second value of a word. */
    static float high(float word) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(word) & HIGH);
    }

    /** See {@link ProductKernel#toWords}. */
    static void toWords(float[] x, int xOffset, int n, float factor, float[] words, int offset) {
        for (int first = 0; first < n; first += GROUP) {
            groupToWords(x, xOffset + first, Math.min(GROUP, n - first), factor, words, offset + first / 2);
        }
    }

    /** Words of a whole group, or of the last one: value i meets value i + half. */
    static void groupToWords(float[] x, int xOffset, int n, float factor, float[] words, int offset) {
        int half = (n + 1) / 2;
        for (int i = 0; i < half; i++) {
            float high = half + i < n ? factor * x[xOffset + half + i] : 0;
            words[offset + i] = word(factor * x[xOffset + i], high);
        }
    }

    /** See {@link ProductKernel#fromWords}. */
    static void fromWords(float[] words, int offset, int n, float[] x, int xOffset) {
        for (int first = 0; first < n; first += GROUP) {
            int count = Math.min(GROUP, n - first);
            int half = (count + 1) / 2;
            for (int i = 0; i < count; i++) {
                float word = words[offset + first / 2 + i % half];
                x[xOffset + first + i] = i < half ? low(word) : high(word);
            }
        }
    }

    /** See {@link Bf16AttentionTiles#pairRows}. */
    static void pairRows(float[] x, int offset, int rows, int stride, int columns) {
        for (int k = 0; 2 * k < rows; k++) {
            for (int j = 0; j < columns; j++) {
                int at = offset + 2 * k * stride + j;
                x[offset + k * stride + j] = word(x[at], 2 * k + 1 < rows ? x[at + stride] : 0);
            }
        }
    }

    /** Adds both products of a word and each word of a row. */
    static void addRow(float word, float[] row, int at, int width, float[] c, int to) {
        float low = low(word);
        float high = high(word);
        for (int j = 0; j < width; j++) {
            c[to + j] += low * low(row[at + j]) + high * high(row[at + j]);
        }
    }
}
