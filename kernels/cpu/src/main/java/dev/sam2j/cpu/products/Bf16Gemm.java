package dev.sam2j.cpu.products;

import dev.sam2j.cpu.math.Bf16Words;
import dev.sam2j.cpu.x86.Bf16Code;

/** {@link ProductKernel} with factors in bfloat16 ({@link Bf16Words}). */
public abstract class Bf16Gemm implements ProductKernel {
    private final GemmKernel floats;

    /** What works on the sums is done by {@code floats}. */
    Bf16Gemm(GemmKernel floats) {
        this.floats = floats;
    }

    @Override
    public int valuesPerWord() {
        return 2;
    }

    @Override
    public void fromWords(float[] words, int offset, int n, float[] x, int xOffset) {
        Bf16Words.fromWords(words, offset, n, x, xOffset);
    }

    @Override
    public int tileRows() {
        return Bf16Code.ROWS;
    }

    @Override
    public int panelWidth() {
        return 2 * Bf16Code.LANES;
    }

    @Override
    public void finish(
            float[] c, int cOffset, GemmEpilogue e, int column, int residualOffset, float[] y, int yOffset, int n) {
        floats.finish(c, cOffset, e, column, residualOffset, y, yOffset, n);
    }

    @Override
    public void finishToWords(float[] c, int cOffset, GemmEpilogue e, int column, int n, float[] words, int offset) {
        floats.finish(c, cOffset, e, column, 0, c, cOffset, n);
        toWords(c, cOffset, n, 1, words, offset);
    }

    @Override
    public void add(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int n) {
        floats.add(a, aOffset, b, bOffset, y, yOffset, n);
    }
}
