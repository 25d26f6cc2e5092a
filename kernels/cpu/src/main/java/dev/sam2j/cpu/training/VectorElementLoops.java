package dev.sam2j.cpu.training;

import dev.sam2j.cpu.math.Lanes;
import dev.sam2j.cpu.math.VectorMath;
import dev.sam2j.tensor.Activation;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link ElementLoops} on the Vector API; what does not fill a vector is left to the scalar loops. */
public final class VectorElementLoops extends ElementLoops {
    private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
    private static final int LENGTH = Lanes.LENGTH;

    private static FloatVector load(float[] x, int at) {
        return FloatVector.fromArray(SPECIES, x, at);
    }

    @Override
    void activationBackward(
            Activation function, float[] saved, int atSaved, float[] dY, int atDY, float[] dX, int atDX, int n) {
        int bound = SPECIES.loopBound(n);
        switch (function) {
            case NONE -> none(dY, atDY, dX, atDX, bound);
            case RELU -> relu(saved, atSaved, dY, atDY, dX, atDX, bound);
            case GELU -> VectorMath.addGeluSlope(saved, atSaved, dY, atDY, dX, atDX, bound);
            case SIGMOID -> sigmoid(saved, atSaved, dY, atDY, dX, atDX, bound);
        }
        super.activationBackward(function, saved, atSaved + bound, dY, atDY + bound, dX, atDX + bound, n - bound);
    }

    private static void none(float[] dY, int atDY, float[] dX, int atDX, int n) {
        for (int i = 0; i < n; i += LENGTH) {
            load(dX, atDX + i).add(load(dY, atDY + i)).intoArray(dX, atDX + i);
        }
    }

    private static void relu(float[] y, int atY, float[] dY, int atDY, float[] dX, int atDX, int n) {
        for (int i = 0; i < n; i += LENGTH) {
            // The sign of 0 - y tells where y is positive.
            IntVector positive = FloatVector.zero(SPECIES)
                    .sub(load(y, atY + i))
                    .reinterpretAsInts()
                    .lanewise(VectorOperators.ASHR, 31);
            FloatVector passed =
                    load(dY, atDY + i).reinterpretAsInts().and(positive).reinterpretAsFloats();
            load(dX, atDX + i).add(passed).intoArray(dX, atDX + i);
        }
    }

    private static void sigmoid(float[] y, int atY, float[] dY, int atDY, float[] dX, int atDX, int n) {
        FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        for (int i = 0; i < n; i += LENGTH) {
            FloatVector value = load(y, atY + i);
            load(dY, atDY + i)
                    .fma(value.mul(one.sub(value)), load(dX, atDX + i))
                    .intoArray(dX, atDX + i);
        }
    }

    @Override
    void adamW(
            AdamFactors factors,
            float[] w,
            int atW,
            float[] g,
            int atG,
            float[] m,
            int atM,
            float[] v,
            int atV,
            int n) {
        int bound = SPECIES.loopBound(n);
        FloatVector eps = FloatVector.broadcast(SPECIES, factors.eps());
        for (int i = 0; i < bound; i += LENGTH) {
            FloatVector gradient = load(g, atG + i).mul(factors.gradientScale());
            FloatVector mean = load(m, atM + i).mul(factors.beta1()).add(gradient.mul(factors.rest1()));
            FloatVector square = load(v, atV + i)
                    .mul(factors.beta2())
                    .add(gradient.mul(factors.rest2()).mul(gradient));
            mean.intoArray(m, atM + i);
            square.intoArray(v, atV + i);
            FloatVector weight = load(w, atW + i);
            FloatVector root = square.sqrt().mul(factors.root()).add(eps);
            FloatVector move = mean.mul(factors.rate()).div(root);
            weight.sub(move.add(weight.mul(factors.decay()))).intoArray(w, atW + i);
        }
        super.adamW(factors, w, atW + bound, g, atG + bound, m, atM + bound, v, atV + bound, n - bound);
    }
}
