package dev.sam2j.cpu.products;

import dev.sam2j.cpu.math.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The product of few rows and the sum of two panels of two vectors, see {@link
 * GemmKernel#sumTile}. Additions run on other ports than multiply-adds where both have their
 * own, so a sum that few rows share costs little there.
 *
 * Written by {@code TileGenerator} in the tests.
 */
final class VectorSumTile {
    private static final VectorSpecies<Float> F = Lanes.SPECIES;
    private static final int L = Lanes.LENGTH;
    static final int ROWS = 7;
    // Casts of the sums tell the compiler their exact class. It may have to guess otherwise, and where
    // it guesses wrong every step of the loop allocates: seen on JDK 17 in one start of four.
    private static final Class<?> TYPE = F.vectorType();
    private static final int STRIDE = GemmKernel.SUM_STRIDE;

    private VectorSumTile() {}

    /** For 32 vector registers: as many rows as a full memory has maps. */
    static void seven(
            float[] a, int i, float[] x, int px, float[] y, int py, int depth, float[] c, int c0, int cStride) {
        // Of known length: no safepoints within; positions are multiples of k: no checks. Both
        // would take registers from the addresses.
        int n = Math.min(depth, STRIDE);
        int bias = depth * 2 * L;
        FloatVector l0 = FloatVector.fromArray(F, x, px + bias).add(FloatVector.fromArray(F, y, py + bias));
        FloatVector h0 = FloatVector.fromArray(F, x, px + bias + L).add(FloatVector.fromArray(F, y, py + bias + L));
        FloatVector l1 = l0;
        FloatVector h1 = h0;
        FloatVector l2 = l0;
        FloatVector h2 = h0;
        FloatVector l3 = l0;
        FloatVector h3 = h0;
        FloatVector l4 = l0;
        FloatVector h4 = h0;
        FloatVector l5 = l0;
        FloatVector h5 = h0;
        FloatVector l6 = l0;
        FloatVector h6 = h0;
        for (int k = 0; k < n; k++) {
            FloatVector low = FloatVector.fromArray(F, x, px + k * 2 * L);
            FloatVector high = FloatVector.fromArray(F, x, px + k * 2 * L + L);
            low = low.add(FloatVector.fromArray(F, y, py + k * 2 * L));
            high = high.add(FloatVector.fromArray(F, y, py + k * 2 * L + L));
            FloatVector v = FloatVector.broadcast(F, a[i + k]);
            l0 = v.fma(low, l0);
            h0 = v.fma(high, h0);
            v = FloatVector.broadcast(F, a[i + k + STRIDE]);
            l1 = v.fma(low, l1);
            h1 = v.fma(high, h1);
            v = FloatVector.broadcast(F, a[i + k + 2 * STRIDE]);
            l2 = v.fma(low, l2);
            h2 = v.fma(high, h2);
            v = FloatVector.broadcast(F, a[i + k + 3 * STRIDE]);
            l3 = v.fma(low, l3);
            h3 = v.fma(high, h3);
            v = FloatVector.broadcast(F, a[i + k + 4 * STRIDE]);
            l4 = v.fma(low, l4);
            h4 = v.fma(high, h4);
            v = FloatVector.broadcast(F, a[i + k + 5 * STRIDE]);
            l5 = v.fma(low, l5);
            h5 = v.fma(high, h5);
            v = FloatVector.broadcast(F, a[i + k + 6 * STRIDE]);
            l6 = v.fma(low, l6);
            h6 = v.fma(high, h6);
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
    }

    /** The most that 16 registers hold, and the last rows elsewhere. */
    static void four(
            float[] a, int i, float[] x, int px, float[] y, int py, int depth, float[] c, int c0, int cStride) {
        // Of known length: no safepoints within; positions are multiples of k: no checks. Both
        // would take registers from the addresses.
        int n = Math.min(depth, STRIDE);
        int bias = depth * 2 * L;
        FloatVector l0 = FloatVector.fromArray(F, x, px + bias).add(FloatVector.fromArray(F, y, py + bias));
        FloatVector h0 = FloatVector.fromArray(F, x, px + bias + L).add(FloatVector.fromArray(F, y, py + bias + L));
        FloatVector l1 = l0;
        FloatVector h1 = h0;
        FloatVector l2 = l0;
        FloatVector h2 = h0;
        FloatVector l3 = l0;
        FloatVector h3 = h0;
        for (int k = 0; k < n; k++) {
            FloatVector low = FloatVector.fromArray(F, x, px + k * 2 * L);
            FloatVector high = FloatVector.fromArray(F, x, px + k * 2 * L + L);
            low = low.add(FloatVector.fromArray(F, y, py + k * 2 * L));
            high = high.add(FloatVector.fromArray(F, y, py + k * 2 * L + L));
            FloatVector v = FloatVector.broadcast(F, a[i + k]);
            l0 = v.fma(low, l0);
            h0 = v.fma(high, h0);
            v = FloatVector.broadcast(F, a[i + k + STRIDE]);
            l1 = v.fma(low, l1);
            h1 = v.fma(high, h1);
            v = FloatVector.broadcast(F, a[i + k + 2 * STRIDE]);
            l2 = v.fma(low, l2);
            h2 = v.fma(high, h2);
            v = FloatVector.broadcast(F, a[i + k + 3 * STRIDE]);
            l3 = v.fma(low, l3);
            h3 = v.fma(high, h3);
        }
        ((FloatVector) TYPE.cast(l0)).intoArray(c, c0);
        ((FloatVector) TYPE.cast(h0)).intoArray(c, c0 + L);
        ((FloatVector) TYPE.cast(l1)).intoArray(c, c0 + cStride);
        ((FloatVector) TYPE.cast(h1)).intoArray(c, c0 + cStride + L);
        ((FloatVector) TYPE.cast(l2)).intoArray(c, c0 + 2 * cStride);
        ((FloatVector) TYPE.cast(h2)).intoArray(c, c0 + 2 * cStride + L);
        ((FloatVector) TYPE.cast(l3)).intoArray(c, c0 + 3 * cStride);
        ((FloatVector) TYPE.cast(h3)).intoArray(c, c0 + 3 * cStride + L);
    }
}
