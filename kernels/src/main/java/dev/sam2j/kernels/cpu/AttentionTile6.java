package dev.sam2j.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link AttentionTiles#multiply} for 6 rows: the accumulators of two vectors per row fill the register file of 16. */
final class AttentionTile6 {
    private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
    private static final int LENGTH = Lanes.LENGTH;
    private static final int STRIDE = Attention.STRIDE;

    private AttentionTile6() {}

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
    }

    /** A panel of one vector. */
    static void one(float[] a, int offsetA, float[] b, int offsetB, int depth, float[] c, int offsetC, int strideC) {
        FloatVector c0 = FloatVector.fromArray(SPECIES, c, offsetC);
        FloatVector c1 = FloatVector.fromArray(SPECIES, c, offsetC + strideC);
        FloatVector c2 = FloatVector.fromArray(SPECIES, c, offsetC + 2 * strideC);
        FloatVector c3 = FloatVector.fromArray(SPECIES, c, offsetC + 3 * strideC);
        FloatVector c4 = FloatVector.fromArray(SPECIES, c, offsetC + 4 * strideC);
        FloatVector c5 = FloatVector.fromArray(SPECIES, c, offsetC + 5 * strideC);
        for (int p = 0; p < depth; p++) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, offsetB + p * LENGTH);
            int i = offsetA + p;
            c0 = FloatVector.broadcast(SPECIES, a[i]).fma(b0, c0);
            c1 = FloatVector.broadcast(SPECIES, a[i + STRIDE]).fma(b0, c1);
            c2 = FloatVector.broadcast(SPECIES, a[i + 2 * STRIDE]).fma(b0, c2);
            c3 = FloatVector.broadcast(SPECIES, a[i + 3 * STRIDE]).fma(b0, c3);
            c4 = FloatVector.broadcast(SPECIES, a[i + 4 * STRIDE]).fma(b0, c4);
            c5 = FloatVector.broadcast(SPECIES, a[i + 5 * STRIDE]).fma(b0, c5);
        }
        c0.intoArray(c, offsetC);
        c1.intoArray(c, offsetC + strideC);
        c2.intoArray(c, offsetC + 2 * strideC);
        c3.intoArray(c, offsetC + 3 * strideC);
        c4.intoArray(c, offsetC + 4 * strideC);
        c5.intoArray(c, offsetC + 5 * strideC);
    }
}
