package dev.sam2j.cpu.attention;

import dev.sam2j.cpu.math.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link AttentionTiles#multiply} for 6 queries, the most that 16 registers hold.
 *
 * Written by {@code TileGenerator} in the tests.
 */
final class AttentionTile6 {
    private static final VectorSpecies<Float> F = Lanes.SPECIES;
    private static final int L = Lanes.LENGTH;
    static final int ROWS = 6;
    // Casts of the sums tell the compiler their exact class. It may have to guess otherwise, and where
    // it guesses wrong every step of the loop allocates: seen on JDK 17 in one start of four.
    private static final Class<?> TYPE = F.vectorType();
    private static final int STRIDE = Attention.STRIDE;

    private AttentionTile6() {}

    /** A panel of two vectors; the sums start from {@code from}. */
    static void two(
            float[] p,
            int i,
            float[] v,
            int j,
            int depth,
            float[] from,
            int f,
            int fromStride,
            float[] c,
            int c0,
            int cStride) {
        // Of known length: no safepoints within; positions are multiples of k: no checks. Both
        // would take registers from the addresses.
        int n = Math.min(depth, Attention.KEY_BLOCK);
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
            FloatVector low = FloatVector.fromArray(F, v, j + k * 2 * L);
            FloatVector high = FloatVector.fromArray(F, v, j + k * 2 * L + L);
            FloatVector x = FloatVector.broadcast(F, p[i + k * STRIDE]);
            l0 = x.fma(low, l0);
            h0 = x.fma(high, h0);
            x = FloatVector.broadcast(F, p[i + k * STRIDE + 1]);
            l1 = x.fma(low, l1);
            h1 = x.fma(high, h1);
            x = FloatVector.broadcast(F, p[i + k * STRIDE + 2]);
            l2 = x.fma(low, l2);
            h2 = x.fma(high, h2);
            x = FloatVector.broadcast(F, p[i + k * STRIDE + 3]);
            l3 = x.fma(low, l3);
            h3 = x.fma(high, h3);
            x = FloatVector.broadcast(F, p[i + k * STRIDE + 4]);
            l4 = x.fma(low, l4);
            h4 = x.fma(high, h4);
            x = FloatVector.broadcast(F, p[i + k * STRIDE + 5]);
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

    /** A panel of one vector; the sums start from {@code from}. */
    static void one(
            float[] p,
            int i,
            float[] v,
            int j,
            int depth,
            float[] from,
            int f,
            int fromStride,
            float[] c,
            int c0,
            int cStride) {
        // Of known length: no safepoints within; positions are multiples of k: no checks. Both
        // would take registers from the addresses.
        int n = Math.min(depth, Attention.KEY_BLOCK);
        FloatVector l0 = FloatVector.fromArray(F, from, f);
        FloatVector l1 = FloatVector.fromArray(F, from, f + fromStride);
        FloatVector l2 = FloatVector.fromArray(F, from, f + 2 * fromStride);
        FloatVector l3 = FloatVector.fromArray(F, from, f + 3 * fromStride);
        FloatVector l4 = FloatVector.fromArray(F, from, f + 4 * fromStride);
        FloatVector l5 = FloatVector.fromArray(F, from, f + 5 * fromStride);
        for (int k = 0; k < n; k++) {
            FloatVector low = FloatVector.fromArray(F, v, j + k * L);
            l0 = FloatVector.broadcast(F, p[i + k * STRIDE]).fma(low, l0);
            l1 = FloatVector.broadcast(F, p[i + k * STRIDE + 1]).fma(low, l1);
            l2 = FloatVector.broadcast(F, p[i + k * STRIDE + 2]).fma(low, l2);
            l3 = FloatVector.broadcast(F, p[i + k * STRIDE + 3]).fma(low, l3);
            l4 = FloatVector.broadcast(F, p[i + k * STRIDE + 4]).fma(low, l4);
            l5 = FloatVector.broadcast(F, p[i + k * STRIDE + 5]).fma(low, l5);
        }
        ((FloatVector) TYPE.cast(l0)).intoArray(c, c0);
        ((FloatVector) TYPE.cast(l1)).intoArray(c, c0 + cStride);
        ((FloatVector) TYPE.cast(l2)).intoArray(c, c0 + 2 * cStride);
        ((FloatVector) TYPE.cast(l3)).intoArray(c, c0 + 3 * cStride);
        ((FloatVector) TYPE.cast(l4)).intoArray(c, c0 + 4 * cStride);
        ((FloatVector) TYPE.cast(l5)).intoArray(c, c0 + 5 * cStride);
    }
}
