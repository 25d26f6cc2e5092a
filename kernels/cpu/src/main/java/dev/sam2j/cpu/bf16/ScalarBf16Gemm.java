package dev.sam2j.cpu.bf16;

/** {@link Bf16Gemm} in plain Java: slower than float32, but on every machine, to compare others with. */
public final class ScalarBf16Gemm extends Bf16Gemm {
    @Override
    public void toWords(float[] x, int xOffset, int n, float factor, float[] words, int offset) {
        Bf16Words.toWords(x, xOffset, n, factor, words, offset);
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
        int width = panelWidth();
        for (int p = 0; p < panels; p++) {
            for (int i = 0; i < rows; i++) {
                int to = cOffset + i * cStride + p * width;
                System.arraycopy(from, fromOffset + i * fromStride + p * fromStep, c, to, width);
                for (int k = 0; k < depth; k++) {
                    float word = a[aOffset + i * ROW_STRIDE + k];
                    Bf16Words.addRow(word, data, panel + p * panelStride + k * width, width, c, to);
                }
            }
        }
    }
}
