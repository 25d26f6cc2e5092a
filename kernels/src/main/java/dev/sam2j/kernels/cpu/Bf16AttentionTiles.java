package dev.sam2j.kernels.cpu;

/** {@link AttentionTiles} with powers and values in bfloat16: a word holds those of two keys. */
final class Bf16AttentionTiles implements AttentionTiles {
    private final Bf16Loops loops;
    private final AttentionTiles floats;

    /** Products by {@code loops}, and the softmax by {@code floats}. */
    Bf16AttentionTiles(Bf16Loops loops, AttentionTiles floats) {
        this.loops = loops;
        this.floats = floats;
    }

    @Override
    public int lanes() {
        return Bf16Loops.LANES;
    }

    @Override
    public int rows() {
        return Bf16Loops.TILE_ROWS;
    }

    @Override
    public void soften(float[] s, int keys, int columns, float[] maxima, float[] sums) {
        floats.soften(s, keys, columns, maxima, sums);
        loops.pairRows(s, 0, keys, Attention.STRIDE, columns);
    }

    @Override
    public void packValues(float[] v, int offset, int keys, int vectors) {
        int width = vectors * Bf16Loops.LANES;
        loops.pairRows(v, offset, keys, width, width);
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
        int tiles = (queries + Bf16Loops.TILE_ROWS - 1) / Bf16Loops.TILE_ROWS;
        loops.multiply(p, tiles, v, vOffset, (keys + 1) / 2, vectors, accumulate, c, cOffset, cStride);
    }

    @Override
    public void scale(float factor, float[] x, int xOffset, float[] out, int outOffset, int n) {
        floats.scale(factor, x, xOffset, out, outOffset, n);
    }
}
