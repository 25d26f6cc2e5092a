package dev.sam2j.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link AttentionTiles} on the Vector API. */
final class VectorAttentionTiles implements AttentionTiles {
    private static final VectorSpecies<Float> F = Lanes.SPECIES;
    private static final int L = Lanes.LENGTH;
    private static final int STRIDE = Attention.STRIDE;
    /** 512-bit machines have 32 vector registers, others are taken to have 16. */
    private static final boolean WIDE = L == 16;

    private static final float[] ZEROS = new float[2 * L];

    @Override
    public int lanes() {
        return L;
    }

    @Override
    public int rows() {
        return WIDE ? AttentionTile12.ROWS : AttentionTile6.ROWS;
    }

    @Override
    public boolean soften(
            float[] s, int keys, int columns, boolean first, float[] maxima, float[] sums, float[] factors) {
        boolean rescale = false;
        for (int c = 0; c < columns; c += L) {
            FloatVector top = max(s, c, keys, FloatVector.fromArray(F, first ? s : maxima, c));
            FloatVector sum = exp2(s, c, keys, top);
            if (!first) {
                FloatVector factor = VectorMath.exp2Minus(top.sub(FloatVector.fromArray(F, maxima, c)));
                factor.intoArray(factors, c);
                sum = FloatVector.fromArray(F, sums, c).fma(factor, sum);
                rescale |= !factor.eq(1f).allTrue();
            }
            top.intoArray(maxima, c);
            sum.intoArray(sums, c);
        }
        return rescale;
    }

    /** Largest value of each lane over the rows. */
    private static FloatVector max(float[] s, int at, int keys, FloatVector start) {
        // Floats compare like integers once the lower bits of negative ones are inverted; the maximum of floats takes
        // six instructions, because of NaN and -0.
        IntVector top = ordered(start.reinterpretAsInts());
        for (int k = 0; k < keys; k++, at += STRIDE) {
            top = top.max(ordered(FloatVector.fromArray(F, s, at).reinterpretAsInts()));
        }
        return ordered(top).reinterpretAsFloats();
    }

    private static IntVector ordered(IntVector bits) {
        return bits.lanewise(VectorOperators.ASHR, 31)
                .lanewise(VectorOperators.LSHR, 1)
                .lanewise(VectorOperators.XOR, bits);
    }

    /** Replaces scores by powers and returns their sum over the rows. */
    private static FloatVector exp2(float[] s, int at, int keys, FloatVector top) {
        FloatVector sum = FloatVector.zero(F);
        for (int k = 0; k < keys; k++, at += STRIDE) {
            FloatVector power = VectorMath.exp2Minus(top.sub(FloatVector.fromArray(F, s, at)));
            power.intoArray(s, at);
            sum = sum.add(power);
        }
        return sum;
    }

    @Override
    public void multiply(
            float[] p,
            int pOffset,
            float[] v,
            int vOffset,
            int depth,
            int vectors,
            boolean accumulate,
            float[] c,
            int cOffset,
            int cStride) {
        float[] from = accumulate ? c : ZEROS;
        int f = accumulate ? cOffset : 0;
        int fromStride = accumulate ? cStride : 0;
        if (WIDE) {
            if (vectors == 2) {
                AttentionTile12.two(p, pOffset, v, vOffset, depth, from, f, fromStride, c, cOffset, cStride);
            } else {
                AttentionTile12.one(p, pOffset, v, vOffset, depth, from, f, fromStride, c, cOffset, cStride);
            }
        } else if (vectors == 2) {
            AttentionTile6.two(p, pOffset, v, vOffset, depth, from, f, fromStride, c, cOffset, cStride);
        } else {
            AttentionTile6.one(p, pOffset, v, vOffset, depth, from, f, fromStride, c, cOffset, cStride);
        }
    }

    @Override
    public void scale(float factor, float[] x, int xOffset, float[] out, int outOffset, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector.fromArray(F, x, xOffset + i).mul(factor).intoArray(out, outOffset + i);
        }
        for (; i < n; i++) {
            out[outOffset + i] = factor * x[xOffset + i];
        }
    }
}
