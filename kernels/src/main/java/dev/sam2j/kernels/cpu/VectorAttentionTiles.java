package dev.sam2j.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link AttentionTiles} on the Vector API. */
final class VectorAttentionTiles implements AttentionTiles {
    private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
    private static final int LENGTH = Lanes.LENGTH;
    /** 512-bit machines have 32 vector registers, others are taken to have 16. */
    private static final boolean WIDE = LENGTH == 16;
    /** Bits of {@code -LOWEST}; floats that are not negative compare like their bits. */
    private static final int LOWEST_BITS = Float.floatToRawIntBits(-Exp2.LOWEST);

    @Override
    public int lanes() {
        return LENGTH;
    }

    @Override
    public int rows() {
        return WIDE ? 12 : 6;
    }

    @Override
    public void multiply(
            float[] a,
            int offsetA,
            float[] b,
            int offsetB,
            int depth,
            int vectors,
            float[] c,
            int offsetC,
            int strideC) {
        if (WIDE) {
            if (vectors == 2) {
                AttentionTile12.two(a, offsetA, b, offsetB, depth, c, offsetC, strideC);
            } else {
                AttentionTile12.one(a, offsetA, b, offsetB, depth, c, offsetC, strideC);
            }
        } else if (vectors == 2) {
            AttentionTile6.two(a, offsetA, b, offsetB, depth, c, offsetC, strideC);
        } else {
            AttentionTile6.one(a, offsetA, b, offsetB, depth, c, offsetC, strideC);
        }
    }

    @Override
    public float max(float[] x, int offset, int n, float start) {
        FloatVector max0 = FloatVector.broadcast(SPECIES, start);
        FloatVector max1 = max0;
        int i = 0;
        for (; i < n - LENGTH; i += 2 * LENGTH) {
            max0 = max0.max(FloatVector.fromArray(SPECIES, x, offset + i));
            max1 = max1.max(FloatVector.fromArray(SPECIES, x, offset + i + LENGTH));
        }
        if (i < n) {
            max0 = max0.max(FloatVector.fromArray(SPECIES, x, offset + i));
        }
        return max0.max(max1).reduceLanes(VectorOperators.MAX);
    }

    @Override
    public float exp2(float[] x, int offset, int n, float max) {
        FloatVector sum = FloatVector.zero(SPECIES);
        FloatVector top = FloatVector.broadcast(SPECIES, max);
        for (int i = 0; i < n; i += LENGTH) {
            // y = max - x is not negative, so the cheap integer minimum clamps it.
            FloatVector y = top.sub(FloatVector.fromArray(SPECIES, x, offset + i));
            y = y.reinterpretAsInts().min(LOWEST_BITS).reinterpretAsFloats();
            FloatVector shifted = FloatVector.broadcast(SPECIES, Exp2.ROUND).sub(y);
            FloatVector r =
                    FloatVector.broadcast(SPECIES, Exp2.ROUND).sub(shifted).sub(y);
            FloatVector p = r.fma(FloatVector.broadcast(SPECIES, Exp2.C6), FloatVector.broadcast(SPECIES, Exp2.C5));
            p = p.fma(r, FloatVector.broadcast(SPECIES, Exp2.C4));
            p = p.fma(r, FloatVector.broadcast(SPECIES, Exp2.C3));
            p = p.fma(r, FloatVector.broadcast(SPECIES, Exp2.C2));
            p = p.fma(r, FloatVector.broadcast(SPECIES, Exp2.C1));
            p = p.fma(r, FloatVector.broadcast(SPECIES, Exp2.C0));
            IntVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            FloatVector value = p.reinterpretAsInts().add(power).reinterpretAsFloats();
            value.intoArray(x, offset + i);
            sum = sum.add(value);
        }
        return VectorMath.sum(sum);
    }

    @Override
    public void scale(float[] x, int offset, int n, float factor) {
        FloatVector f = FloatVector.broadcast(SPECIES, factor);
        for (int i = 0; i < n; i += LENGTH) {
            FloatVector.fromArray(SPECIES, x, offset + i).mul(f).intoArray(x, offset + i);
        }
    }
}
