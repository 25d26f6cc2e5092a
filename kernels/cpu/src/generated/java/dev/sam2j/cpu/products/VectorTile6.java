package dev.sam2j.cpu.products;

import dev.sam2j.cpu.math.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The product of 6 rows and one panel of two vectors: the most that 16 registers hold, and the
 * last rows elsewhere. See {@link VectorTile12}.
 *
 * Written by {@code TileGenerator} in the tests.
 */
final class VectorTile6 {
    private static final VectorSpecies<Float> F = Lanes.SPECIES;
    private static final int L = Lanes.LENGTH;
    static final int ROWS = 6;
    // Casts of the sums tell the compiler their exact class. It may have to guess otherwise, and where
    // it guesses wrong every step of the loop allocates: seen on JDK 17 in one start of four.
    private static final Class<?> TYPE = F.vectorType();
    private static final int STRIDE = GemmKernel.ROW_STRIDE;

    private VectorTile6() {}

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
    }
}
