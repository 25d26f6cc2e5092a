package dev.sam2j.cpu.attention;

import dev.sam2j.cpu.math.Exp2;
import dev.sam2j.cpu.math.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops of {@link AttentionTiles#soften} over the columns of one vector. They speak to each other through arrays
 * and are too long to be inlined, on purpose: a caller that has taken in much else may leave a vector operation as a
 * call, which then allocates its result.
 */
final class AttentionSoftmax {
    /** Rows are taken in steps of as many. */
    static final int STEP = 4;

    private static final VectorSpecies<Float> F = Lanes.SPECIES;
    private static final int STRIDE = Attention.STRIDE;

    private AttentionSoftmax() {}

    /** Raises the maxima to the largest score of each column. */
    static void max(float[] s, int column, int rows, float[] maxima) {
        FloatVector start = FloatVector.fromArray(F, maxima, column);
        // Floats compare like integers unless both are negative. The maximum of floats takes six instructions, because
        // of NaN and -0, that of integers one; it is right in all lanes that have a score above 0.
        IntVector i0 = start.reinterpretAsInts();
        IntVector i1 = i0;
        for (int k = 0, at = column; k < rows; k += STEP, at += STEP * STRIDE) {
            i0 = i0.max(FloatVector.fromArray(F, s, at).reinterpretAsInts());
            i1 = i1.max(FloatVector.fromArray(F, s, at + STRIDE).reinterpretAsInts());
            i0 = i0.max(FloatVector.fromArray(F, s, at + 2 * STRIDE).reinterpretAsInts());
            i1 = i1.max(FloatVector.fromArray(F, s, at + 3 * STRIDE).reinterpretAsInts());
        }
        i0 = i0.max(i1);
        if (i0.reduceLanes(VectorOperators.MIN) >= 0) {
            i0.reinterpretAsFloats().intoArray(maxima, column);
            return;
        }
        FloatVector f0 = start;
        FloatVector f1 = start;
        for (int k = 0, at = column; k < rows; k += STEP, at += STEP * STRIDE) {
            f0 = f0.max(FloatVector.fromArray(F, s, at));
            f1 = f1.max(FloatVector.fromArray(F, s, at + STRIDE));
            f0 = f0.max(FloatVector.fromArray(F, s, at + 2 * STRIDE));
            f1 = f1.max(FloatVector.fromArray(F, s, at + 3 * STRIDE));
        }
        f0.max(f1).intoArray(maxima, column);
    }

    /** Replaces scores by powers relative to the maxima and writes the sum of each column. */
    static void powers(float[] s, int column, int rows, float[] maxima, float[] sums) {
        FloatVector top = FloatVector.fromArray(F, maxima, column);
        FloatVector round = FloatVector.broadcast(F, Exp2.ROUND);
        FloatVector c6 = FloatVector.broadcast(F, Exp2.C6);
        FloatVector c5 = FloatVector.broadcast(F, Exp2.C5);
        FloatVector c4 = FloatVector.broadcast(F, Exp2.C4);
        FloatVector c3 = FloatVector.broadcast(F, Exp2.C3);
        FloatVector c2 = FloatVector.broadcast(F, Exp2.C2);
        FloatVector c1 = FloatVector.broadcast(F, Exp2.C1);
        FloatVector c0 = FloatVector.broadcast(F, Exp2.C0);
        FloatVector sum = FloatVector.zero(F);
        for (int k = 0, at = column; k < rows; k += 2, at += 2 * STRIDE) {
            // 2^(x - top) by Exp2, with y = top - x: not negative, so that the minimum of integers clamps it.
            FloatVector y0 = top.sub(FloatVector.fromArray(F, s, at));
            FloatVector y1 = top.sub(FloatVector.fromArray(F, s, at + STRIDE));
            y0 = y0.reinterpretAsInts().min(Exp2.LOWEST_BITS).reinterpretAsFloats();
            y1 = y1.reinterpretAsInts().min(Exp2.LOWEST_BITS).reinterpretAsFloats();
            FloatVector n0 = round.sub(y0);
            FloatVector n1 = round.sub(y1);
            FloatVector r0 = round.sub(n0).sub(y0);
            FloatVector r1 = round.sub(n1).sub(y1);
            FloatVector p0 = r0.fma(c6, c5);
            FloatVector p1 = r1.fma(c6, c5);
            p0 = p0.fma(r0, c4);
            p1 = p1.fma(r1, c4);
            p0 = p0.fma(r0, c3);
            p1 = p1.fma(r1, c3);
            p0 = p0.fma(r0, c2);
            p1 = p1.fma(r1, c2);
            p0 = p0.fma(r0, c1);
            p1 = p1.fma(r1, c1);
            p0 = p0.fma(r0, c0);
            p1 = p1.fma(r1, c0);
            IntVector e0 = n0.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            IntVector e1 = n1.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            p0 = p0.reinterpretAsInts().add(e0).reinterpretAsFloats();
            p1 = p1.reinterpretAsInts().add(e1).reinterpretAsFloats();
            p0.intoArray(s, at);
            p1.intoArray(s, at + STRIDE);
            sum = sum.add(p0.add(p1));
        }
        sum.intoArray(sums, column);
    }
}
