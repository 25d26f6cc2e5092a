package dev.sam2j.cpu.decoder;

import dev.sam2j.cpu.math.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Dot products of a few rows with four others, all at once, see {@link
 * LowRankLoops#rowProducts}. The lanes of the sums stay apart and are added elsewhere: so many
 * additions would keep the sums out of registers.
 *
 * Written by {@code TileGenerator} in the tests.
 */
final class VectorRowProducts {
    private static final VectorSpecies<Float> F = Lanes.SPECIES;
    private static final int L = Lanes.LENGTH;
    // Casts of the sums tell the compiler their exact class. It may have to guess otherwise, and where
    // it guesses wrong every step of the loop allocates: seen on JDK 17 in one start of four.
    private static final Class<?> TYPE = F.vectorType();
    private static final int MOST_BLOCKS = 1 << 16;

    private VectorRowProducts() {}

    /** Four rows of each, for 32 vector registers. */
    static void fourByFour(
            float[] a, int x, int strideA, float[] b, int y, int strideB, int blocks, float[] lanes, int to) {
        // Of known length: no safepoints within; positions are multiples of k: no checks. Both
        // would take registers from the addresses.
        int n = Math.min(blocks, MOST_BLOCKS);
        FloatVector s00 = FloatVector.fromArray(F, lanes, to);
        FloatVector s01 = FloatVector.fromArray(F, lanes, to + L);
        FloatVector s02 = FloatVector.fromArray(F, lanes, to + 2 * L);
        FloatVector s03 = FloatVector.fromArray(F, lanes, to + 3 * L);
        FloatVector s10 = FloatVector.fromArray(F, lanes, to + 4 * L);
        FloatVector s11 = FloatVector.fromArray(F, lanes, to + 5 * L);
        FloatVector s12 = FloatVector.fromArray(F, lanes, to + 6 * L);
        FloatVector s13 = FloatVector.fromArray(F, lanes, to + 7 * L);
        FloatVector s20 = FloatVector.fromArray(F, lanes, to + 8 * L);
        FloatVector s21 = FloatVector.fromArray(F, lanes, to + 9 * L);
        FloatVector s22 = FloatVector.fromArray(F, lanes, to + 10 * L);
        FloatVector s23 = FloatVector.fromArray(F, lanes, to + 11 * L);
        FloatVector s30 = FloatVector.fromArray(F, lanes, to + 12 * L);
        FloatVector s31 = FloatVector.fromArray(F, lanes, to + 13 * L);
        FloatVector s32 = FloatVector.fromArray(F, lanes, to + 14 * L);
        FloatVector s33 = FloatVector.fromArray(F, lanes, to + 15 * L);
        for (int k = 0; k < n; k++, x += strideA, y += strideB) {
            FloatVector b0 = FloatVector.fromArray(F, b, y);
            FloatVector b1 = FloatVector.fromArray(F, b, y + 2 * L);
            FloatVector b2 = FloatVector.fromArray(F, b, y + 4 * L);
            FloatVector b3 = FloatVector.fromArray(F, b, y + 6 * L);
            FloatVector value = FloatVector.fromArray(F, a, x);
            s00 = value.fma(b0, s00);
            s01 = value.fma(b1, s01);
            s02 = value.fma(b2, s02);
            s03 = value.fma(b3, s03);
            value = FloatVector.fromArray(F, a, x + 2 * L);
            s10 = value.fma(b0, s10);
            s11 = value.fma(b1, s11);
            s12 = value.fma(b2, s12);
            s13 = value.fma(b3, s13);
            value = FloatVector.fromArray(F, a, x + 4 * L);
            s20 = value.fma(b0, s20);
            s21 = value.fma(b1, s21);
            s22 = value.fma(b2, s22);
            s23 = value.fma(b3, s23);
            value = FloatVector.fromArray(F, a, x + 6 * L);
            s30 = value.fma(b0, s30);
            s31 = value.fma(b1, s31);
            s32 = value.fma(b2, s32);
            s33 = value.fma(b3, s33);
            b0 = FloatVector.fromArray(F, b, y + L);
            b1 = FloatVector.fromArray(F, b, y + 3 * L);
            b2 = FloatVector.fromArray(F, b, y + 5 * L);
            b3 = FloatVector.fromArray(F, b, y + 7 * L);
            value = FloatVector.fromArray(F, a, x + L);
            s00 = value.fma(b0, s00);
            s01 = value.fma(b1, s01);
            s02 = value.fma(b2, s02);
            s03 = value.fma(b3, s03);
            value = FloatVector.fromArray(F, a, x + 3 * L);
            s10 = value.fma(b0, s10);
            s11 = value.fma(b1, s11);
            s12 = value.fma(b2, s12);
            s13 = value.fma(b3, s13);
            value = FloatVector.fromArray(F, a, x + 5 * L);
            s20 = value.fma(b0, s20);
            s21 = value.fma(b1, s21);
            s22 = value.fma(b2, s22);
            s23 = value.fma(b3, s23);
            value = FloatVector.fromArray(F, a, x + 7 * L);
            s30 = value.fma(b0, s30);
            s31 = value.fma(b1, s31);
            s32 = value.fma(b2, s32);
            s33 = value.fma(b3, s33);
        }
        ((FloatVector) TYPE.cast(s00)).intoArray(lanes, to);
        ((FloatVector) TYPE.cast(s01)).intoArray(lanes, to + L);
        ((FloatVector) TYPE.cast(s02)).intoArray(lanes, to + 2 * L);
        ((FloatVector) TYPE.cast(s03)).intoArray(lanes, to + 3 * L);
        ((FloatVector) TYPE.cast(s10)).intoArray(lanes, to + 4 * L);
        ((FloatVector) TYPE.cast(s11)).intoArray(lanes, to + 5 * L);
        ((FloatVector) TYPE.cast(s12)).intoArray(lanes, to + 6 * L);
        ((FloatVector) TYPE.cast(s13)).intoArray(lanes, to + 7 * L);
        ((FloatVector) TYPE.cast(s20)).intoArray(lanes, to + 8 * L);
        ((FloatVector) TYPE.cast(s21)).intoArray(lanes, to + 9 * L);
        ((FloatVector) TYPE.cast(s22)).intoArray(lanes, to + 10 * L);
        ((FloatVector) TYPE.cast(s23)).intoArray(lanes, to + 11 * L);
        ((FloatVector) TYPE.cast(s30)).intoArray(lanes, to + 12 * L);
        ((FloatVector) TYPE.cast(s31)).intoArray(lanes, to + 13 * L);
        ((FloatVector) TYPE.cast(s32)).intoArray(lanes, to + 14 * L);
        ((FloatVector) TYPE.cast(s33)).intoArray(lanes, to + 15 * L);
    }

    /** Two rows of a and four of b, for 16 vector registers. */
    static void twoByFour(
            float[] a, int x, int strideA, float[] b, int y, int strideB, int blocks, float[] lanes, int to) {
        // Of known length: no safepoints within; positions are multiples of k: no checks. Both
        // would take registers from the addresses.
        int n = Math.min(blocks, MOST_BLOCKS);
        FloatVector s00 = FloatVector.fromArray(F, lanes, to);
        FloatVector s01 = FloatVector.fromArray(F, lanes, to + L);
        FloatVector s02 = FloatVector.fromArray(F, lanes, to + 2 * L);
        FloatVector s03 = FloatVector.fromArray(F, lanes, to + 3 * L);
        FloatVector s10 = FloatVector.fromArray(F, lanes, to + 4 * L);
        FloatVector s11 = FloatVector.fromArray(F, lanes, to + 5 * L);
        FloatVector s12 = FloatVector.fromArray(F, lanes, to + 6 * L);
        FloatVector s13 = FloatVector.fromArray(F, lanes, to + 7 * L);
        for (int k = 0; k < n; k++, x += strideA, y += strideB) {
            FloatVector b0 = FloatVector.fromArray(F, b, y);
            FloatVector b1 = FloatVector.fromArray(F, b, y + 2 * L);
            FloatVector b2 = FloatVector.fromArray(F, b, y + 4 * L);
            FloatVector b3 = FloatVector.fromArray(F, b, y + 6 * L);
            FloatVector value = FloatVector.fromArray(F, a, x);
            s00 = value.fma(b0, s00);
            s01 = value.fma(b1, s01);
            s02 = value.fma(b2, s02);
            s03 = value.fma(b3, s03);
            value = FloatVector.fromArray(F, a, x + 2 * L);
            s10 = value.fma(b0, s10);
            s11 = value.fma(b1, s11);
            s12 = value.fma(b2, s12);
            s13 = value.fma(b3, s13);
            b0 = FloatVector.fromArray(F, b, y + L);
            b1 = FloatVector.fromArray(F, b, y + 3 * L);
            b2 = FloatVector.fromArray(F, b, y + 5 * L);
            b3 = FloatVector.fromArray(F, b, y + 7 * L);
            value = FloatVector.fromArray(F, a, x + L);
            s00 = value.fma(b0, s00);
            s01 = value.fma(b1, s01);
            s02 = value.fma(b2, s02);
            s03 = value.fma(b3, s03);
            value = FloatVector.fromArray(F, a, x + 3 * L);
            s10 = value.fma(b0, s10);
            s11 = value.fma(b1, s11);
            s12 = value.fma(b2, s12);
            s13 = value.fma(b3, s13);
        }
        ((FloatVector) TYPE.cast(s00)).intoArray(lanes, to);
        ((FloatVector) TYPE.cast(s01)).intoArray(lanes, to + L);
        ((FloatVector) TYPE.cast(s02)).intoArray(lanes, to + 2 * L);
        ((FloatVector) TYPE.cast(s03)).intoArray(lanes, to + 3 * L);
        ((FloatVector) TYPE.cast(s10)).intoArray(lanes, to + 4 * L);
        ((FloatVector) TYPE.cast(s11)).intoArray(lanes, to + 5 * L);
        ((FloatVector) TYPE.cast(s12)).intoArray(lanes, to + 6 * L);
        ((FloatVector) TYPE.cast(s13)).intoArray(lanes, to + 7 * L);
    }
}
