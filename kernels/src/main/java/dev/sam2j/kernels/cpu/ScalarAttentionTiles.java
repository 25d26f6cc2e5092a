package dev.sam2j.kernels.cpu;

/** {@link AttentionTiles} in plain Java. */
final class ScalarAttentionTiles implements AttentionTiles {
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
    public void multiply(
            float[] a,
            int offsetA,
            float[] b,
            int offsetB,
            int depth,
            int vectors,
            float[] c,
            int offsetC,
            int strideC) {
        int width = vectors * LANES;
        for (int r = 0; r < ROWS; r++) {
            int rowA = offsetA + r * Attention.STRIDE;
            int rowC = offsetC + r * strideC;
            for (int p = 0; p < depth; p++) {
                float factor = a[rowA + p];
                int rowB = offsetB + p * width;
                for (int j = 0; j < width; j++) {
                    c[rowC + j] += factor * b[rowB + j];
                }
            }
        }
    }

    @Override
    public float max(float[] x, int offset, int n, float start) {
        float max = start;
        for (int i = offset; i < offset + n; i++) {
            max = Math.max(max, x[i]);
        }
        return max;
    }

    @Override
    public float exp2(float[] x, int offset, int n, float max) {
        float sum = 0;
        for (int i = offset; i < offset + n; i++) {
            x[i] = Exp2.of(x[i] - max);
            sum += x[i];
        }
        return sum;
    }

    @Override
    public void scale(float[] x, int offset, int n, float factor) {
        for (int i = offset; i < offset + n; i++) {
            x[i] *= factor;
        }
    }
}
