package dev.sam2j.cpu.bf16;

import dev.sam2j.cpu.attention.Attention;
import dev.sam2j.cpu.attention.AttentionTiles;
import dev.sam2j.cpu.x86.Bf16Code;

/** {@link AttentionTiles} with powers and values in bfloat16: a word holds those of two keys. */
abstract class Bf16AttentionTiles extends AttentionTiles {
    private final AttentionTiles floats;

    /** The softmax is done by {@code floats}. */
    Bf16AttentionTiles(AttentionTiles floats) {
        this.floats = floats;
    }

    /**
     * Puts two rows each into one row of words, in place: row k receives rows 2k and 2k + 1, in the order of values.
     *
     * @param rows number of rows; where it is odd the last meets zeros
     * @param stride from row to row, before and after
     * @param columns a multiple of {@link #lanes}
     */
    abstract void pairRows(float[] x, int offset, int rows, int stride, int columns);

    @Override
    public int lanes() {
        return Bf16Code.LANES;
    }

    @Override
    public int rows() {
        return Bf16Code.ROWS;
    }

    @Override
    public void soften(float[] s, int keys, int columns, float[] maxima, float[] sums) {
        floats.soften(s, keys, columns, maxima, sums);
        pairRows(s, 0, keys, Attention.STRIDE, columns);
    }

    @Override
    public void packValues(float[] v, int offset, int keys, int vectors) {
        int width = vectors * Bf16Code.LANES;
        pairRows(v, offset, keys, width, width);
    }

    @Override
    public void scale(float factor, float[] x, int xOffset, float[] out, int outOffset, int n) {
        floats.scale(factor, x, xOffset, out, outOffset, n);
    }
}
