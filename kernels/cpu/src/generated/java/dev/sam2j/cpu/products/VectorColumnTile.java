package dev.sam2j.cpu.products;

import dev.sam2j.cpu.math.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The product of some columns of a matrix and one panel of two vectors, see {@link
 * GemmKernel#columnTile}.
 *
 * Written by {@code TileGenerator} in the tests.
 */
final class VectorColumnTile {
    private static final VectorSpecies<Float> F = Lanes.SPECIES;
    private static final int L = Lanes.LENGTH;
    static final int ROWS = 8;

    private VectorColumnTile() {}

    /** For 32 vector registers. */
    static void eight(
            float[] a, int at, int aStride, float[] panel, int p, int depth, float[] from, int f, float[] c, int to) {
        FloatVector l0 = FloatVector.fromArray(F, from, f);
        FloatVector h0 = FloatVector.fromArray(F, from, f + L);
        FloatVector l1 = FloatVector.fromArray(F, from, f + 2 * L);
        FloatVector h1 = FloatVector.fromArray(F, from, f + 3 * L);
        FloatVector l2 = FloatVector.fromArray(F, from, f + 4 * L);
        FloatVector h2 = FloatVector.fromArray(F, from, f + 5 * L);
        FloatVector l3 = FloatVector.fromArray(F, from, f + 6 * L);
        FloatVector h3 = FloatVector.fromArray(F, from, f + 7 * L);
        FloatVector l4 = FloatVector.fromArray(F, from, f + 8 * L);
        FloatVector h4 = FloatVector.fromArray(F, from, f + 9 * L);
        FloatVector l5 = FloatVector.fromArray(F, from, f + 10 * L);
        FloatVector h5 = FloatVector.fromArray(F, from, f + 11 * L);
        FloatVector l6 = FloatVector.fromArray(F, from, f + 12 * L);
        FloatVector h6 = FloatVector.fromArray(F, from, f + 13 * L);
        FloatVector l7 = FloatVector.fromArray(F, from, f + 14 * L);
        FloatVector h7 = FloatVector.fromArray(F, from, f + 15 * L);
        for (int k = 0; k < depth; k++, at += aStride, p += 2 * L) {
            FloatVector low = FloatVector.fromArray(F, panel, p);
            FloatVector high = FloatVector.fromArray(F, panel, p + L);
            FloatVector x = FloatVector.broadcast(F, a[at]);
            l0 = x.fma(low, l0);
            h0 = x.fma(high, h0);
            x = FloatVector.broadcast(F, a[at + 1]);
            l1 = x.fma(low, l1);
            h1 = x.fma(high, h1);
            x = FloatVector.broadcast(F, a[at + 2]);
            l2 = x.fma(low, l2);
            h2 = x.fma(high, h2);
            x = FloatVector.broadcast(F, a[at + 3]);
            l3 = x.fma(low, l3);
            h3 = x.fma(high, h3);
            x = FloatVector.broadcast(F, a[at + 4]);
            l4 = x.fma(low, l4);
            h4 = x.fma(high, h4);
            x = FloatVector.broadcast(F, a[at + 5]);
            l5 = x.fma(low, l5);
            h5 = x.fma(high, h5);
            x = FloatVector.broadcast(F, a[at + 6]);
            l6 = x.fma(low, l6);
            h6 = x.fma(high, h6);
            x = FloatVector.broadcast(F, a[at + 7]);
            l7 = x.fma(low, l7);
            h7 = x.fma(high, h7);
        }
        l0.intoArray(c, to);
        h0.intoArray(c, to + L);
        l1.intoArray(c, to + 2 * L);
        h1.intoArray(c, to + 3 * L);
        l2.intoArray(c, to + 4 * L);
        h2.intoArray(c, to + 5 * L);
        l3.intoArray(c, to + 6 * L);
        h3.intoArray(c, to + 7 * L);
        l4.intoArray(c, to + 8 * L);
        h4.intoArray(c, to + 9 * L);
        l5.intoArray(c, to + 10 * L);
        h5.intoArray(c, to + 11 * L);
        l6.intoArray(c, to + 12 * L);
        h6.intoArray(c, to + 13 * L);
        l7.intoArray(c, to + 14 * L);
        h7.intoArray(c, to + 15 * L);
    }

    /** For 16 vector registers, or where there are no more. */
    static void four(
            float[] a, int at, int aStride, float[] panel, int p, int depth, float[] from, int f, float[] c, int to) {
        FloatVector l0 = FloatVector.fromArray(F, from, f);
        FloatVector h0 = FloatVector.fromArray(F, from, f + L);
        FloatVector l1 = FloatVector.fromArray(F, from, f + 2 * L);
        FloatVector h1 = FloatVector.fromArray(F, from, f + 3 * L);
        FloatVector l2 = FloatVector.fromArray(F, from, f + 4 * L);
        FloatVector h2 = FloatVector.fromArray(F, from, f + 5 * L);
        FloatVector l3 = FloatVector.fromArray(F, from, f + 6 * L);
        FloatVector h3 = FloatVector.fromArray(F, from, f + 7 * L);
        for (int k = 0; k < depth; k++, at += aStride, p += 2 * L) {
            FloatVector low = FloatVector.fromArray(F, panel, p);
            FloatVector high = FloatVector.fromArray(F, panel, p + L);
            FloatVector x = FloatVector.broadcast(F, a[at]);
            l0 = x.fma(low, l0);
            h0 = x.fma(high, h0);
            x = FloatVector.broadcast(F, a[at + 1]);
            l1 = x.fma(low, l1);
            h1 = x.fma(high, h1);
            x = FloatVector.broadcast(F, a[at + 2]);
            l2 = x.fma(low, l2);
            h2 = x.fma(high, h2);
            x = FloatVector.broadcast(F, a[at + 3]);
            l3 = x.fma(low, l3);
            h3 = x.fma(high, h3);
        }
        l0.intoArray(c, to);
        h0.intoArray(c, to + L);
        l1.intoArray(c, to + 2 * L);
        h1.intoArray(c, to + 3 * L);
        l2.intoArray(c, to + 4 * L);
        h2.intoArray(c, to + 5 * L);
        l3.intoArray(c, to + 6 * L);
        h3.intoArray(c, to + 7 * L);
    }
}
