package dev.sam2j.cpu.attention;

import dev.sam2j.cpu.math.Exp2;
import java.util.Arrays;

/** {@link AttentionTiles} in plain Java. */
public final class ScalarAttentionTiles implements AttentionTiles {
    private static final int LANES = 8;
    private static final int ROWS = 4;

    @Override
    public int lanes() {
        return LANES;
    }

    @Override
    public int rows() {
        return ROWS;
    }

    @Override
    public void soften(float[] s, int keys, int columns, float[] maxima, float[] sums) {
        for (int c = 0; c < columns; c++) {
            float top = maxima[c];
            for (int k = 0; k < keys; k++) {
                top = Math.max(top, s[k * Attention.STRIDE + c]);
            }
            float sum = 0;
            for (int k = 0; k < keys; k++) {
                int at = k * Attention.STRIDE + c;
                s[at] = Exp2.of(s[at] - top);
                sum += s[at];
            }
            maxima[c] = top;
            sums[c] = sum;
        }
    }

    @Override
    public void multiply(
            float[] p,
            int queries,
            float[] v,
            int vOffset,
            int keys,
            int vectors,
            boolean accumulate,
            float[] c,
            int cOffset,
            int cStride) {
        int width = vectors * LANES;
        for (int i = 0; i < queries; i++) {
            int row = cOffset + i * cStride;
            if (!accumulate) {
                Arrays.fill(c, row, row + width, 0);
            }
            for (int k = 0; k < keys; k++) {
                float factor = p[k * Attention.STRIDE + i];
                int from = vOffset + k * width;
                for (int j = 0; j < width; j++) {
                    c[row + j] += factor * v[from + j];
                }
            }
        }
    }

    @Override
    public void scale(float factor, float[] x, int xOffset, float[] out, int outOffset, int n) {
        for (int i = 0; i < n; i++) {
            out[outOffset + i] = factor * x[xOffset + i];
        }
    }
}
