package dev.sam2j.cpu.bf16;

import dev.sam2j.cpu.attention.Attention;
import dev.sam2j.cpu.attention.AttentionTiles;
import java.util.Arrays;

/** {@link Bf16AttentionTiles} in plain Java, like {@link ScalarBf16Gemm}. */
public final class ScalarBf16AttentionTiles extends Bf16AttentionTiles {
    /** Tiles that leave to {@code floats} what is not rounded. */
    public ScalarBf16AttentionTiles(AttentionTiles floats) {
        super(floats);
    }

    @Override
    void pairRows(float[] x, int offset, int rows, int stride, int columns) {
        Bf16Words.pairRows(x, offset, rows, stride, columns);
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
        int width = vectors * lanes();
        for (int i = 0; i < queries; i++) {
            int to = cOffset + i * cStride;
            if (!accumulate) {
                Arrays.fill(c, to, to + width, 0);
            }
            for (int k = 0; 2 * k < keys; k++) {
                Bf16Words.addRow(p[k * Attention.STRIDE + i], v, vOffset + k * width, width, c, to);
            }
        }
    }
}
