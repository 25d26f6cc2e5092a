package dev.sam2j.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link AttentionTiles#multiply} for 12 rows: the accumulators of two vectors per row fill the register file of 32.
 */
final class AttentionTile12 {
    private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
    private static final int LENGTH = Lanes.LENGTH;
    private static final int STRIDE = Attention.STRIDE;

    private AttentionTile12() {}

    /** A panel of two vectors. */
    static void two(float[] a, int offsetA, float[] b, int offsetB, int depth, float[] c, int offsetC, int strideC) {
        FloatVector c0 = FloatVector.fromArray(SPECIES, c, offsetC);
        FloatVector d0 = FloatVector.fromArray(SPECIES, c, offsetC + LENGTH);
        FloatVector c1 = FloatVector.fromArray(SPECIES, c, offsetC + strideC);
        FloatVector d1 = FloatVector.fromArray(SPECIES, c, offsetC + strideC + LENGTH);
        FloatVector c2 = FloatVector.fromArray(SPECIES, c, offsetC + 2 * strideC);
        FloatVector d2 = FloatVector.fromArray(SPECIES, c, offsetC + 2 * strideC + LENGTH);
        FloatVector c3 = FloatVector.fromArray(SPECIES, c, offsetC + 3 * strideC);
        FloatVector d3 = FloatVector.fromArray(SPECIES, c, offsetC + 3 * strideC + LENGTH);
        FloatVector c4 = FloatVector.fromArray(SPECIES, c, offsetC + 4 * strideC);
        FloatVector d4 = FloatVector.fromArray(SPECIES, c, offsetC + 4 * strideC + LENGTH);
        FloatVector c5 = FloatVector.fromArray(SPECIES, c, offsetC + 5 * strideC);
        FloatVector d5 = FloatVector.fromArray(SPECIES, c, offsetC + 5 * strideC + LENGTH);
        FloatVector c6 = FloatVector.fromArray(SPECIES, c, offsetC + 6 * strideC);
        FloatVector d6 = FloatVector.fromArray(SPECIES, c, offsetC + 6 * strideC + LENGTH);
        FloatVector c7 = FloatVector.fromArray(SPECIES, c, offsetC + 7 * strideC);
        FloatVector d7 = FloatVector.fromArray(SPECIES, c, offsetC + 7 * strideC + LENGTH);
        FloatVector c8 = FloatVector.fromArray(SPECIES, c, offsetC + 8 * strideC);
        FloatVector d8 = FloatVector.fromArray(SPECIES, c, offsetC + 8 * strideC + LENGTH);
        FloatVector c9 = FloatVector.fromArray(SPECIES, c, offsetC + 9 * strideC);
        FloatVector d9 = FloatVector.fromArray(SPECIES, c, offsetC + 9 * strideC + LENGTH);
        FloatVector c10 = FloatVector.fromArray(SPECIES, c, offsetC + 10 * strideC);
        FloatVector d10 = FloatVector.fromArray(SPECIES, c, offsetC + 10 * strideC + LENGTH);
        FloatVector c11 = FloatVector.fromArray(SPECIES, c, offsetC + 11 * strideC);
        FloatVector d11 = FloatVector.fromArray(SPECIES, c, offsetC + 11 * strideC + LENGTH);
        for (int p = 0; p < depth; p++) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, offsetB + p * 2 * LENGTH);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, offsetB + p * 2 * LENGTH + LENGTH);
            int i = offsetA + p;
            FloatVector a0 = FloatVector.broadcast(SPECIES, a[i]);
            c0 = a0.fma(b0, c0);
            d0 = a0.fma(b1, d0);
            FloatVector a1 = FloatVector.broadcast(SPECIES, a[i + STRIDE]);
            c1 = a1.fma(b0, c1);
            d1 = a1.fma(b1, d1);
            FloatVector a2 = FloatVector.broadcast(SPECIES, a[i + 2 * STRIDE]);
            c2 = a2.fma(b0, c2);
            d2 = a2.fma(b1, d2);
            FloatVector a3 = FloatVector.broadcast(SPECIES, a[i + 3 * STRIDE]);
            c3 = a3.fma(b0, c3);
            d3 = a3.fma(b1, d3);
            FloatVector a4 = FloatVector.broadcast(SPECIES, a[i + 4 * STRIDE]);
            c4 = a4.fma(b0, c4);
            d4 = a4.fma(b1, d4);
            FloatVector a5 = FloatVector.broadcast(SPECIES, a[i + 5 * STRIDE]);
            c5 = a5.fma(b0, c5);
            d5 = a5.fma(b1, d5);
            FloatVector a6 = FloatVector.broadcast(SPECIES, a[i + 6 * STRIDE]);
            c6 = a6.fma(b0, c6);
            d6 = a6.fma(b1, d6);
            FloatVector a7 = FloatVector.broadcast(SPECIES, a[i + 7 * STRIDE]);
            c7 = a7.fma(b0, c7);
            d7 = a7.fma(b1, d7);
            FloatVector a8 = FloatVector.broadcast(SPECIES, a[i + 8 * STRIDE]);
            c8 = a8.fma(b0, c8);
            d8 = a8.fma(b1, d8);
            FloatVector a9 = FloatVector.broadcast(SPECIES, a[i + 9 * STRIDE]);
            c9 = a9.fma(b0, c9);
            d9 = a9.fma(b1, d9);
            FloatVector a10 = FloatVector.broadcast(SPECIES, a[i + 10 * STRIDE]);
            c10 = a10.fma(b0, c10);
            d10 = a10.fma(b1, d10);
            FloatVector a11 = FloatVector.broadcast(SPECIES, a[i + 11 * STRIDE]);
            c11 = a11.fma(b0, c11);
            d11 = a11.fma(b1, d11);
        }
        c0.intoArray(c, offsetC);
        d0.intoArray(c, offsetC + LENGTH);
        c1.intoArray(c, offsetC + strideC);
        d1.intoArray(c, offsetC + strideC + LENGTH);
        c2.intoArray(c, offsetC + 2 * strideC);
        d2.intoArray(c, offsetC + 2 * strideC + LENGTH);
        c3.intoArray(c, offsetC + 3 * strideC);
        d3.intoArray(c, offsetC + 3 * strideC + LENGTH);
        c4.intoArray(c, offsetC + 4 * strideC);
        d4.intoArray(c, offsetC + 4 * strideC + LENGTH);
        c5.intoArray(c, offsetC + 5 * strideC);
        d5.intoArray(c, offsetC + 5 * strideC + LENGTH);
        c6.intoArray(c, offsetC + 6 * strideC);
        d6.intoArray(c, offsetC + 6 * strideC + LENGTH);
        c7.intoArray(c, offsetC + 7 * strideC);
        d7.intoArray(c, offsetC + 7 * strideC + LENGTH);
        c8.intoArray(c, offsetC + 8 * strideC);
        d8.intoArray(c, offsetC + 8 * strideC + LENGTH);
        c9.intoArray(c, offsetC + 9 * strideC);
        d9.intoArray(c, offsetC + 9 * strideC + LENGTH);
        c10.intoArray(c, offsetC + 10 * strideC);
        d10.intoArray(c, offsetC + 10 * strideC + LENGTH);
        c11.intoArray(c, offsetC + 11 * strideC);
        d11.intoArray(c, offsetC + 11 * strideC + LENGTH);
    }

    /** A panel of one vector. */
    static void one(float[] a, int offsetA, float[] b, int offsetB, int depth, float[] c, int offsetC, int strideC) {
        FloatVector c0 = FloatVector.fromArray(SPECIES, c, offsetC);
        FloatVector c1 = FloatVector.fromArray(SPECIES, c, offsetC + strideC);
        FloatVector c2 = FloatVector.fromArray(SPECIES, c, offsetC + 2 * strideC);
        FloatVector c3 = FloatVector.fromArray(SPECIES, c, offsetC + 3 * strideC);
        FloatVector c4 = FloatVector.fromArray(SPECIES, c, offsetC + 4 * strideC);
        FloatVector c5 = FloatVector.fromArray(SPECIES, c, offsetC + 5 * strideC);
        FloatVector c6 = FloatVector.fromArray(SPECIES, c, offsetC + 6 * strideC);
        FloatVector c7 = FloatVector.fromArray(SPECIES, c, offsetC + 7 * strideC);
        FloatVector c8 = FloatVector.fromArray(SPECIES, c, offsetC + 8 * strideC);
        FloatVector c9 = FloatVector.fromArray(SPECIES, c, offsetC + 9 * strideC);
        FloatVector c10 = FloatVector.fromArray(SPECIES, c, offsetC + 10 * strideC);
        FloatVector c11 = FloatVector.fromArray(SPECIES, c, offsetC + 11 * strideC);
        for (int p = 0; p < depth; p++) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, offsetB + p * LENGTH);
            int i = offsetA + p;
            c0 = FloatVector.broadcast(SPECIES, a[i]).fma(b0, c0);
            c1 = FloatVector.broadcast(SPECIES, a[i + STRIDE]).fma(b0, c1);
            c2 = FloatVector.broadcast(SPECIES, a[i + 2 * STRIDE]).fma(b0, c2);
            c3 = FloatVector.broadcast(SPECIES, a[i + 3 * STRIDE]).fma(b0, c3);
            c4 = FloatVector.broadcast(SPECIES, a[i + 4 * STRIDE]).fma(b0, c4);
            c5 = FloatVector.broadcast(SPECIES, a[i + 5 * STRIDE]).fma(b0, c5);
            c6 = FloatVector.broadcast(SPECIES, a[i + 6 * STRIDE]).fma(b0, c6);
            c7 = FloatVector.broadcast(SPECIES, a[i + 7 * STRIDE]).fma(b0, c7);
            c8 = FloatVector.broadcast(SPECIES, a[i + 8 * STRIDE]).fma(b0, c8);
            c9 = FloatVector.broadcast(SPECIES, a[i + 9 * STRIDE]).fma(b0, c9);
            c10 = FloatVector.broadcast(SPECIES, a[i + 10 * STRIDE]).fma(b0, c10);
            c11 = FloatVector.broadcast(SPECIES, a[i + 11 * STRIDE]).fma(b0, c11);
        }
        c0.intoArray(c, offsetC);
        c1.intoArray(c, offsetC + strideC);
        c2.intoArray(c, offsetC + 2 * strideC);
        c3.intoArray(c, offsetC + 3 * strideC);
        c4.intoArray(c, offsetC + 4 * strideC);
        c5.intoArray(c, offsetC + 5 * strideC);
        c6.intoArray(c, offsetC + 6 * strideC);
        c7.intoArray(c, offsetC + 7 * strideC);
        c8.intoArray(c, offsetC + 8 * strideC);
        c9.intoArray(c, offsetC + 9 * strideC);
        c10.intoArray(c, offsetC + 10 * strideC);
        c11.intoArray(c, offsetC + 11 * strideC);
    }
}
