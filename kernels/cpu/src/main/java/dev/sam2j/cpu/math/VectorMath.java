package dev.sam2j.cpu.math;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Elementary functions on vectors. Those of one vector are small enough to be inlined where they are used; a vector
 * that crosses a call that is not inlined would be allocated. {@link ScalarMath} has the same functions on single
 * values.
 */
public final class VectorMath {
    private static final VectorSpecies<Float> F = Lanes.SPECIES;

    private static final VectorShuffle<Float> BY_8 = rotation(8);
    private static final VectorShuffle<Float> BY_4 = rotation(4);
    private static final VectorShuffle<Float> BY_2 = rotation(2);
    private static final VectorShuffle<Float> BY_1 = rotation(1);

    private static final int GELU_END_BITS = Float.floatToRawIntBits(ScalarMath.GELU_END);

    private static final int LOGISTIC_END_BITS = Float.floatToRawIntBits(-ScalarMath.EXP_MIN);

    private VectorMath() {}

    private static VectorShuffle<Float> rotation(int by) {
        return VectorShuffle.iota(F, by, 1, true);
    }

    /**
     * Sum of the lanes, halves first. {@code reduceLanes} may add in another order once a method has been compiled,
     * so that the same input would give results that differ in the last bit.
     */
    public static float sum(FloatVector v) {
        if (Lanes.LENGTH > 8) {
            v = v.add(v.rearrange(BY_8));
        }
        if (Lanes.LENGTH > 4) {
            v = v.add(v.rearrange(BY_4));
        }
        v = v.add(v.rearrange(BY_2));
        v = v.add(v.rearrange(BY_1));
        return v.lane(0);
    }

    /** Largest of the lanes whose indices are equal modulo {@code period}, a power of 2, in each of them. */
    public static FloatVector maxModulo(FloatVector v, int period) {
        if (Lanes.LENGTH > 8 && period <= 8) {
            v = v.max(v.rearrange(BY_8));
        }
        if (Lanes.LENGTH > 4 && period <= 4) {
            v = v.max(v.rearrange(BY_4));
        }
        if (period <= 2) {
            v = v.max(v.rearrange(BY_2));
        }
        return period == 1 ? v.max(v.rearrange(BY_1)) : v;
    }

    /** Sum of the lanes whose indices are equal modulo {@code period}, a power of 2, in each of them. */
    public static FloatVector sumModulo(FloatVector v, int period) {
        if (Lanes.LENGTH > 8 && period <= 8) {
            v = v.add(v.rearrange(BY_8));
        }
        if (Lanes.LENGTH > 4 && period <= 4) {
            v = v.add(v.rearrange(BY_4));
        }
        if (period <= 2) {
            v = v.add(v.rearrange(BY_2));
        }
        return period == 1 ? v.add(v.rearrange(BY_1)) : v;
    }

    /** {@code 2^-y} for y that are not negative, see {@link Exp2}. */
    public static FloatVector power2(FloatVector y) {
        // Floats that are not negative compare like their bits, and the integer minimum is cheap.
        y = y.reinterpretAsInts().min(Exp2.LOWEST_BITS).reinterpretAsFloats();
        FloatVector round = FloatVector.broadcast(F, Exp2.ROUND);
        FloatVector shifted = round.sub(y);
        FloatVector r = round.sub(shifted).sub(y);
        FloatVector p = r.fma(FloatVector.broadcast(F, Exp2.C6), FloatVector.broadcast(F, Exp2.C5));
        p = p.fma(r, FloatVector.broadcast(F, Exp2.C4));
        p = p.fma(r, FloatVector.broadcast(F, Exp2.C3));
        p = p.fma(r, FloatVector.broadcast(F, Exp2.C2));
        p = p.fma(r, FloatVector.broadcast(F, Exp2.C1));
        p = p.fma(r, FloatVector.broadcast(F, Exp2.C0));
        IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        return p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
    }

    /** {@code e^x} with a relative error below 2e-7; x is clamped to [-87, 88], where results are finite and normal. */
    public static FloatVector exp(FloatVector x) {
        x = x.max(ScalarMath.EXP_MIN).min(ScalarMath.EXP_MAX);
        // x = n ln 2 + r with |r| <= ln 2 / 2; adding 1.5 * 2^23 rounds to an integer, which the lower bits then hold.
        FloatVector magic = FloatVector.broadcast(F, ScalarMath.ROUND);
        FloatVector shifted = x.fma(FloatVector.broadcast(F, ScalarMath.LOG2_E), magic);
        FloatVector n = shifted.sub(magic);
        FloatVector r = n.fma(FloatVector.broadcast(F, -ScalarMath.LN2_HIGH), x);
        r = n.fma(FloatVector.broadcast(F, -ScalarMath.LN2_LOW), r);
        FloatVector p = FloatVector.broadcast(F, ScalarMath.E6);
        p = p.fma(r, FloatVector.broadcast(F, ScalarMath.E5));
        p = p.fma(r, FloatVector.broadcast(F, ScalarMath.E4));
        p = p.fma(r, FloatVector.broadcast(F, ScalarMath.E3));
        p = p.fma(r, FloatVector.broadcast(F, ScalarMath.E2));
        FloatVector one = FloatVector.broadcast(F, 1f);
        p = p.fma(r, one).fma(r, one);
        // Adding n to the exponent field multiplies by 2^n.
        IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        return p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
    }

    /** {@code 1 / (1 + e^-x)}. */
    public static FloatVector sigmoid(FloatVector x) {
        FloatVector one = FloatVector.broadcast(F, 1f);
        return one.div(exp(x.neg()).add(one));
    }

    /**
     * {@code y = x/2 (1 + erf(x / sqrt 2))} for n values, a multiple of {@link Lanes#LENGTH}; y may be x. See {@link
     * ScalarMath#gelu}.
     *
     * <p>The whole loop is one method, too long to be inlined, on purpose: where the polynomial was a method of its
     * own, one start in five compiled some loop with a call to it, which allocates every vector.
     */
    public static void gelu(float[] x, int xOffset, float[] y, int yOffset, int n) {
        for (int j = 0; j < n; j += Lanes.LENGTH) {
            FloatVector v = FloatVector.fromArray(F, x, xOffset + j);
            // The minimum and maximum of floats take six instructions each, because of NaN and -0. Magnitudes compare
            // like their bits, and (x + |x|) / 2 is max(x, 0) and lets NaN through.
            FloatVector magnitude = v.abs();
            FloatVector u = magnitude.reinterpretAsInts().min(GELU_END_BITS).reinterpretAsFloats();
            FloatVector t = u.mul(u).fma(FloatVector.broadcast(F, ScalarMath.GELU_T), FloatVector.broadcast(F, -1f));
            FloatVector p = FloatVector.broadcast(F, ScalarMath.G14);
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.G13));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.G12));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.G11));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.G10));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.G9));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.G8));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.G7));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.G6));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.G5));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.G4));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.G3));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.G2));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.G1));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.G0));
            FloatVector tail = u.neg().fma(p, FloatVector.broadcast(F, 0.5f));
            u.neg().fma(tail, v.add(magnitude).mul(0.5f)).intoArray(y, yOffset + j);
        }
    }

    /**
     * {@code dX += dY gelu'(x)} for n values, a multiple of {@link Lanes#LENGTH}. See {@link ScalarMath#geluSlope}; one
     * method for the reason that {@link #gelu} gives.
     */
    public static void addGeluSlope(float[] x, int atX, float[] dY, int atDY, float[] dX, int atDX, int n) {
        for (int j = 0; j < n; j += Lanes.LENGTH) {
            FloatVector u = FloatVector.fromArray(F, x, atX + j)
                    .max(-ScalarMath.SLOPE_END)
                    .min(ScalarMath.SLOPE_END);
            FloatVector t = u.mul(u).fma(FloatVector.broadcast(F, ScalarMath.SLOPE_T), FloatVector.broadcast(F, -1f));
            FloatVector p = FloatVector.broadcast(F, ScalarMath.D17);
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.D16));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.D15));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.D14));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.D13));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.D12));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.D11));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.D10));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.D9));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.D8));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.D7));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.D6));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.D5));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.D4));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.D3));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.D2));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.D1));
            p = p.fma(t, FloatVector.broadcast(F, ScalarMath.D0));
            FloatVector slope = p.fma(u, FloatVector.broadcast(F, 0.5f));
            FloatVector.fromArray(F, dY, atDY + j)
                    .fma(slope, FloatVector.fromArray(F, dX, atDX + j))
                    .intoArray(dX, atDX + j);
        }
    }

    /**
     * The functions that losses of logits are made of: sigmoid(x), sigmoid(-x) and log(1 + e^-|x|), each with a
     * relative error below 3e-7 where it is a normal number, for the values {@code from} to {@code to - 1}, a multiple
     * of {@link Lanes#LENGTH}. One method for the reason that {@link #gelu} gives.
     */
    public static void logistic(float[] x, float[] sigmoid, float[] complement, float[] log, int from, int to) {
        FloatVector one = FloatVector.broadcast(F, 1f);
        for (int j = from; j < to; j += Lanes.LENGTH) {
            FloatVector v = FloatVector.fromArray(F, x, j);
            // u = e^-y of y = |x|, as in exp; magnitudes compare like their bits.
            FloatVector y = v.abs().reinterpretAsInts().min(LOGISTIC_END_BITS).reinterpretAsFloats();
            FloatVector magic = FloatVector.broadcast(F, ScalarMath.ROUND);
            FloatVector shifted = y.fma(FloatVector.broadcast(F, -ScalarMath.LOG2_E), magic);
            FloatVector k = shifted.sub(magic);
            FloatVector r = k.fma(FloatVector.broadcast(F, -ScalarMath.LN2_HIGH), y.neg());
            r = k.fma(FloatVector.broadcast(F, -ScalarMath.LN2_LOW), r);
            FloatVector p = FloatVector.broadcast(F, ScalarMath.E6);
            p = p.fma(r, FloatVector.broadcast(F, ScalarMath.E5));
            p = p.fma(r, FloatVector.broadcast(F, ScalarMath.E4));
            p = p.fma(r, FloatVector.broadcast(F, ScalarMath.E3));
            p = p.fma(r, FloatVector.broadcast(F, ScalarMath.E2));
            p = p.fma(r, one).fma(r, one);
            IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            FloatVector u = p.reinterpretAsInts().add(exponent).reinterpretAsFloats();

            FloatVector t = u.fma(FloatVector.broadcast(F, 2f), FloatVector.broadcast(F, -1f));
            FloatVector q = FloatVector.broadcast(F, ScalarMath.L9);
            q = q.fma(t, FloatVector.broadcast(F, ScalarMath.L8));
            q = q.fma(t, FloatVector.broadcast(F, ScalarMath.L7));
            q = q.fma(t, FloatVector.broadcast(F, ScalarMath.L6));
            q = q.fma(t, FloatVector.broadcast(F, ScalarMath.L5));
            q = q.fma(t, FloatVector.broadcast(F, ScalarMath.L4));
            q = q.fma(t, FloatVector.broadcast(F, ScalarMath.L3));
            q = q.fma(t, FloatVector.broadcast(F, ScalarMath.L2));
            q = q.fma(t, FloatVector.broadcast(F, ScalarMath.L1));
            q = q.fma(t, FloatVector.broadcast(F, ScalarMath.L0));
            u.fma(q, u).intoArray(log, j);

            // The sigmoids are 1/(1+u) and u/(1+u), the larger one where the argument is not negative.
            IntVector larger = one.div(u.add(one)).reinterpretAsInts();
            IntVector smaller = larger.reinterpretAsFloats().mul(u).reinterpretAsInts();
            IntVector negative = v.reinterpretAsInts().lanewise(VectorOperators.ASHR, 31);
            IntVector swap = larger.lanewise(VectorOperators.XOR, smaller).and(negative);
            larger.lanewise(VectorOperators.XOR, swap).reinterpretAsFloats().intoArray(sigmoid, j);
            smaller.lanewise(VectorOperators.XOR, swap).reinterpretAsFloats().intoArray(complement, j);
        }
    }
}
