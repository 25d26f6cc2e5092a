package dev.sam2j.kernels.cpu;

import java.util.Arrays;

/** {@link Bf16Loops} in plain Java: slower than float32, but on every machine, to compare others with. */
final class ScalarBf16Loops implements Bf16Loops {
    private static final int GROUP = 2 * LANES;
    private static final int HIGH = 0xffff0000;

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

    @Override
    public String description() {
        return "scalar code";
    }

    @Override
    public void toWords(float[] x, int xOffset, int n, float factor, float[] words, int offset) {
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

    @Override
    public void pairRows(float[] x, int offset, int rows, int stride, int columns) {
        for (int k = 0; 2 * k < rows; k++) {
            for (int j = 0; j < columns; j++) {
                int at = offset + 2 * k * stride + j;
                x[offset + k * stride + j] = word(x[at], 2 * k + 1 < rows ? x[at + stride] : 0);
            }
        }
    }

    @Override
    public void tiles(
            int rows,
            float[] a,
            int aOffset,
            float[] data,
            int panel,
            int panelStride,
            int panels,
            int depth,
            float[] from,
            int fromOffset,
            int fromStride,
            int fromStep,
            float[] c,
            int cOffset,
            int cStride) {
        for (int p = 0; p < panels; p++) {
            for (int i = 0; i < rows; i++) {
                int to = cOffset + i * cStride + p * PANEL_WIDTH;
                System.arraycopy(from, fromOffset + i * fromStride + p * fromStep, c, to, PANEL_WIDTH);
                for (int k = 0; k < depth; k++) {
                    float word = a[aOffset + i * ProductKernel.ROW_STRIDE + k];
                    addRow(word, data, panel + p * panelStride + k * PANEL_WIDTH, PANEL_WIDTH, c, to);
                }
            }
        }
    }

    @Override
    public void multiply(
            float[] p,
            int tiles,
            float[] v,
            int vOffset,
            int depth,
            int vectors,
            boolean accumulate,
            float[] c,
            int cOffset,
            int cStride) {
        int width = vectors * LANES;
        for (int i = 0; i < tiles * TILE_ROWS; i++) {
            int to = cOffset + i * cStride;
            if (!accumulate) {
                Arrays.fill(c, to, to + width, 0);
            }
            for (int k = 0; k < depth; k++) {
                addRow(p[k * Attention.STRIDE + i], v, vOffset + k * width, width, c, to);
            }
        }
    }

    /** Adds both products of a word and each word of a row. */
    private static void addRow(float word, float[] row, int at, int width, float[] c, int to) {
        float low = low(word);
        float high = high(word);
        for (int j = 0; j < width; j++) {
            c[to + j] += low * low(row[at + j]) + high * high(row[at + j]);
        }
    }
}
