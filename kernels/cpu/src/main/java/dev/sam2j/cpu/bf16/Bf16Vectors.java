package dev.sam2j.cpu.bf16;

import dev.sam2j.cpu.products.ProductKernel;
import dev.sam2j.cpu.x86.Bf16Code;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Conversions to {@link Bf16Words} on vectors of 512 bits. */
public final class Bf16Vectors {
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_512;
    private static final int L = Bf16Code.LANES;
    private static final int HIGH = 0xffff0000;

    private Bf16Vectors() {}

    /** Whether Java compiles vectors of this size to instructions of the processor. */
    public static boolean areWide() {
        return FloatVector.SPECIES_PREFERRED.length() >= L;
    }

    /** See {@link ProductKernel#toWords}. */
    static void toWords(float[] x, int xOffset, int n, float factor, float[] words, int offset) {
        int whole = n - n % (2 * L);
        for (int i = 0; i < whole; i += 2 * L) {
            FloatVector low = FloatVector.fromArray(F, x, xOffset + i).mul(factor);
            FloatVector high = FloatVector.fromArray(F, x, xOffset + i + L).mul(factor);
            words(low, high).intoArray(words, offset + i / 2);
        }
        if (whole < n) {
            Bf16Words.groupToWords(x, xOffset + whole, n - whole, factor, words, offset + whole / 2);
        }
    }

    /** See {@link Bf16AttentionTiles#pairRows}. */
    static void pairRows(float[] x, int offset, int rows, int stride, int columns) {
        for (int j = 0; j < columns; j += L) {
            int from = offset + j;
            int to = offset + j;
            for (int k = 0; k < rows - 1; k += 2, from += 2 * stride, to += stride) {
                words(FloatVector.fromArray(F, x, from), FloatVector.fromArray(F, x, from + stride))
                        .intoArray(x, to);
            }
            if (rows % 2 != 0) {
                words(FloatVector.fromArray(F, x, from), FloatVector.zero(F)).intoArray(x, to);
            }
        }
    }

    private static FloatVector words(FloatVector low, FloatVector high) {
        IntVector first = rounded(low.reinterpretAsInts()).lanewise(VectorOperators.LSHR, 16);
        return rounded(high.reinterpretAsInts()).and(HIGH).or(first).reinterpretAsFloats();
    }

    /**
     * Bits of floats, of which the upper 16 are the nearest bfloat16, ties to even. A NaN whose fraction is nearly all
     * ones becomes zero.
     */
    private static IntVector rounded(IntVector bits) {
        return bits.add(bits.lanewise(VectorOperators.LSHR, 16).and(1)).add(0x7fff);
    }
}
