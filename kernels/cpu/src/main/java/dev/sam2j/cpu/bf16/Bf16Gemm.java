package dev.sam2j.cpu.bf16;

import dev.sam2j.cpu.products.ProductKernel;
import dev.sam2j.cpu.x86.Bf16Code;

/** {@link ProductKernel} with factors in bfloat16 ({@link Bf16Words}). */
abstract class Bf16Gemm implements ProductKernel {
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
}
