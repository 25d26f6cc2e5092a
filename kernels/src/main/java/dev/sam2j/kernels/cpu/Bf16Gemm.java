package dev.sam2j.kernels.cpu;

/** {@link ProductKernel} with factors in bfloat16. */
final class Bf16Gemm implements ProductKernel {
    private final Bf16Loops loops;
    private final GemmKernel floats;

    /** Products by {@code loops}, and what works on their sums by {@code floats}. */
    Bf16Gemm(Bf16Loops loops, GemmKernel floats) {
        this.loops = loops;
        this.floats = floats;
    }

    @Override
    public int valuesPerWord() {
        return 2;
    }

    @Override
    public void toWords(float[] x, int xOffset, int n, float factor, float[] words, int offset) {
        loops.toWords(x, xOffset, n, factor, words, offset);
    }

    @Override
    public void fromWords(float[] words, int offset, int n, float[] x, int xOffset) {
        ScalarBf16Loops.fromWords(words, offset, n, x, xOffset);
    }

    @Override
    public int tileRows() {
        return Bf16Loops.TILE_ROWS;
    }

    @Override
    public int panelWidth() {
        return Bf16Loops.PANEL_WIDTH;
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
        loops.tiles(
                rows,
                a,
                aOffset,
                data,
                panel,
                panelStride,
                panels,
                depth,
                from,
                fromOffset,
                fromStride,
                fromStep,
                c,
                cOffset,
                cStride);
    }

    @Override
    public void finish(
            float[] c, int cOffset, GemmEpilogue e, int column, int residualOffset, float[] y, int yOffset, int n) {
        floats.finish(c, cOffset, e, column, residualOffset, y, yOffset, n);
    }

    @Override
    public void finishToWords(float[] c, int cOffset, GemmEpilogue e, int column, int n, float[] words, int offset) {
        floats.finish(c, cOffset, e, column, 0, c, cOffset, n);
        loops.toWords(c, cOffset, n, 1, words, offset);
    }

    @Override
    public void add(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int n) {
        floats.add(a, aOffset, b, bOffset, y, yOffset, n);
    }
}
