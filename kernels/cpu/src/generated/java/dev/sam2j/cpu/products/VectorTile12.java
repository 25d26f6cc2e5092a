package dev.sam2j.cpu.products;

import dev.sam2j.cpu.math.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The product of 12 rows and one panel of two vectors: the most that 32 registers hold beside
 * one panel row and one broadcast value. All rows are addressed by one index and constants, so
 * that nearly every instruction is arithmetic: sums of indices take turns with it where both
 * use the same ports.
 *
 * Written by {@code TileGenerator} in the tests.
 */
final class VectorTile12 {
    private static final VectorSpecies<Float> F = Lanes.SPECIES;
    private static final int L = Lanes.LENGTH;
    static final int ROWS = 12;
    // Casts of the sums tell the compiler their exact class. It may have to guess otherwise, and where
    // it guesses wrong every step of the loop allocates: seen on JDK 17 in one start of four.
    private static final Class<?> TYPE = F.vectorType();
    private static final int STRIDE = GemmKernel.ROW_STRIDE;

    private VectorTile12() {}

    /** See {@link GemmKernel#tile}. */
    static void run(
            float[] a,
            int i,
            float[] panel,
            int p,
            int depth,
            float[] from,
            int f,
            int fromStride,
            float[] c,
            int c0,
            int cStride) {
        // Of known length: no safepoints within; positions are multiples of k: no checks. Both
        // would take registers from the addresses.
        int n = Math.min(depth, GemmKernel.MAX_DEPTH);
        FloatVector l0 = FloatVector.fromArray(F, from, f);
        FloatVector h0 = FloatVector.fromArray(F, from, f + L);
        FloatVector l1 = FloatVector.fromArray(F, from, f + fromStride);
        FloatVector h1 = FloatVector.fromArray(F, from, f + fromStride + L);
        FloatVector l2 = FloatVector.fromArray(F, from, f + 2 * fromStride);
        FloatVector h2 = FloatVector.fromArray(F, from, f + 2 * fromStride + L);
        FloatVector l3 = FloatVector.fromArray(F, from, f + 3 * fromStride);
        FloatVector h3 = FloatVector.fromArray(F, from, f + 3 * fromStride + L);
        FloatVector l4 = FloatVector.fromArray(F, from, f + 4 * fromStride);
        FloatVector h4 = FloatVector.fromArray(F, from, f + 4 * fromStride + L);
        FloatVector l5 = FloatVector.fromArray(F, from, f + 5 * fromStride);
        FloatVector h5 = FloatVector.fromArray(F, from, f + 5 * fromStride + L);
        FloatVector l6 = FloatVector.fromArray(F, from, f + 6 * fromStride);
        FloatVector h6 = FloatVector.fromArray(F, from, f + 6 * fromStride + L);
        FloatVector l7 = FloatVector.fromArray(F, from, f + 7 * fromStride);
        FloatVector h7 = FloatVector.fromArray(F, from, f + 7 * fromStride + L);
        FloatVector l8 = FloatVector.fromArray(F, from, f + 8 * fromStride);
        FloatVector h8 = FloatVector.fromArray(F, from, f + 8 * fromStride + L);
        FloatVector l9 = FloatVector.fromArray(F, from, f + 9 * fromStride);
        FloatVector h9 = FloatVector.fromArray(F, from, f + 9 * fromStride + L);
        FloatVector l10 = FloatVector.fromArray(F, from, f + 10 * fromStride);
        FloatVector h10 = FloatVector.fromArray(F, from, f + 10 * fromStride + L);
        FloatVector l11 = FloatVector.fromArray(F, from, f + 11 * fromStride);
        FloatVector h11 = FloatVector.fromArray(F, from, f + 11 * fromStride + L);
        for (int k = 0; k < n; k++) {
            FloatVector low = FloatVector.fromArray(F, panel, p + k * 2 * L);
            FloatVector high = FloatVector.fromArray(F, panel, p + k * 2 * L + L);
            FloatVector x = FloatVector.broadcast(F, a[i + k]);
            l0 = x.fma(low, l0);
            h0 = x.fma(high, h0);
            x = FloatVector.broadcast(F, a[i + k + STRIDE]);
            l1 = x.fma(low, l1);
            h1 = x.fma(high, h1);
            x = FloatVector.broadcast(F, a[i + k + 2 * STRIDE]);
            l2 = x.fma(low, l2);
            h2 = x.fma(high, h2);
            x = FloatVector.broadcast(F, a[i + k + 3 * STRIDE]);
            l3 = x.fma(low, l3);
            h3 = x.fma(high, h3);
            x = FloatVector.broadcast(F, a[i + k + 4 * STRIDE]);
            l4 = x.fma(low, l4);
            h4 = x.fma(high, h4);
            x = FloatVector.broadcast(F, a[i + k + 5 * STRIDE]);
            l5 = x.fma(low, l5);
            h5 = x.fma(high, h5);
            x = FloatVector.broadcast(F, a[i + k + 6 * STRIDE]);
            l6 = x.fma(low, l6);
            h6 = x.fma(high, h6);
            x = FloatVector.broadcast(F, a[i + k + 7 * STRIDE]);
            l7 = x.fma(low, l7);
            h7 = x.fma(high, h7);
            x = FloatVector.broadcast(F, a[i + k + 8 * STRIDE]);
            l8 = x.fma(low, l8);
            h8 = x.fma(high, h8);
            x = FloatVector.broadcast(F, a[i + k + 9 * STRIDE]);
            l9 = x.fma(low, l9);
            h9 = x.fma(high, h9);
            x = FloatVector.broadcast(F, a[i + k + 10 * STRIDE]);
            l10 = x.fma(low, l10);
            h10 = x.fma(high, h10);
            x = FloatVector.broadcast(F, a[i + k + 11 * STRIDE]);
            l11 = x.fma(low, l11);
            h11 = x.fma(high, h11);
        }
        ((FloatVector) TYPE.cast(l0)).intoArray(c, c0);
        ((FloatVector) TYPE.cast(h0)).intoArray(c, c0 + L);
        ((FloatVector) TYPE.cast(l1)).intoArray(c, c0 + cStride);
        ((FloatVector) TYPE.cast(h1)).intoArray(c, c0 + cStride + L);
        ((FloatVector) TYPE.cast(l2)).intoArray(c, c0 + 2 * cStride);
        ((FloatVector) TYPE.cast(h2)).intoArray(c, c0 + 2 * cStride + L);
        ((FloatVector) TYPE.cast(l3)).intoArray(c, c0 + 3 * cStride);
        ((FloatVector) TYPE.cast(h3)).intoArray(c, c0 + 3 * cStride + L);
        ((FloatVector) TYPE.cast(l4)).intoArray(c, c0 + 4 * cStride);
        ((FloatVector) TYPE.cast(h4)).intoArray(c, c0 + 4 * cStride + L);
        ((FloatVector) TYPE.cast(l5)).intoArray(c, c0 + 5 * cStride);
        ((FloatVector) TYPE.cast(h5)).intoArray(c, c0 + 5 * cStride + L);
        ((FloatVector) TYPE.cast(l6)).intoArray(c, c0 + 6 * cStride);
        ((FloatVector) TYPE.cast(h6)).intoArray(c, c0 + 6 * cStride + L);
        ((FloatVector) TYPE.cast(l7)).intoArray(c, c0 + 7 * cStride);
        ((FloatVector) TYPE.cast(h7)).intoArray(c, c0 + 7 * cStride + L);
        ((FloatVector) TYPE.cast(l8)).intoArray(c, c0 + 8 * cStride);
        ((FloatVector) TYPE.cast(h8)).intoArray(c, c0 + 8 * cStride + L);
        ((FloatVector) TYPE.cast(l9)).intoArray(c, c0 + 9 * cStride);
        ((FloatVector) TYPE.cast(h9)).intoArray(c, c0 + 9 * cStride + L);
        ((FloatVector) TYPE.cast(l10)).intoArray(c, c0 + 10 * cStride);
        ((FloatVector) TYPE.cast(h10)).intoArray(c, c0 + 10 * cStride + L);
        ((FloatVector) TYPE.cast(l11)).intoArray(c, c0 + 11 * cStride);
        ((FloatVector) TYPE.cast(h11)).intoArray(c, c0 + 11 * cStride + L);
    }
}
