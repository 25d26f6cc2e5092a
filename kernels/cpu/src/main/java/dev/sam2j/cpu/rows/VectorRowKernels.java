package dev.sam2j.cpu.rows;

import dev.sam2j.cpu.math.Lanes;
import dev.sam2j.cpu.math.VectorMath;
import dev.sam2j.tensor.Activation;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link RowKernels} on the Vector API; what does not fill a vector is left to the scalar loops. */
public final class VectorRowKernels extends RowKernels {
    private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
    private static final int LENGTH = Lanes.LENGTH;

    private static FloatVector load(float[] x, int at) {
        return FloatVector.fromArray(SPECIES, x, at);
    }

    @Override
    public float sum(float[] x, int atX, int n) {
        FloatVector sum = FloatVector.zero(SPECIES);
        int bound = SPECIES.loopBound(n);
        for (int i = 0; i < bound; i += LENGTH) {
            sum = sum.add(load(x, atX + i));
        }
        return VectorMath.sum(sum) + super.sum(x, atX + bound, n - bound);
    }

    @Override
    public float squaredDeviations(float[] x, int atX, float mean, int n) {
        FloatVector sum = FloatVector.zero(SPECIES);
        int bound = SPECIES.loopBound(n);
        for (int i = 0; i < bound; i += LENGTH) {
            FloatVector deviation = load(x, atX + i).sub(mean);
            sum = deviation.fma(deviation, sum);
        }
        return VectorMath.sum(sum) + super.squaredDeviations(x, atX + bound, mean, n - bound);
    }

    @Override
    public void normalize(
            float[] x,
            int atX,
            float mean,
            float factor,
            float[] gamma,
            int atGamma,
            float[] beta,
            int atBeta,
            float[] out,
            int atOut,
            int n) {
        int bound = SPECIES.loopBound(n);
        for (int i = 0; i < bound; i += LENGTH) {
            FloatVector unit = load(x, atX + i).sub(mean).mul(factor);
            unit.fma(load(gamma, atGamma + i), load(beta, atBeta + i)).intoArray(out, atOut + i);
        }
        super.normalize(
                x,
                atX + bound,
                mean,
                factor,
                gamma,
                atGamma + bound,
                beta,
                atBeta + bound,
                out,
                atOut + bound,
                n - bound);
    }

    @Override
    public void combine(
            float alpha, float[] a, int atA, float beta, float[] b, int atB, float[] out, int atOut, int n) {
        int bound = SPECIES.loopBound(n);
        FloatVector factor = FloatVector.broadcast(SPECIES, alpha);
        for (int i = 0; i < bound; i += LENGTH) {
            load(a, atA + i).fma(factor, load(b, atB + i).mul(beta)).intoArray(out, atOut + i);
        }
        super.combine(alpha, a, atA + bound, beta, b, atB + bound, out, atOut + bound, n - bound);
    }

    @Override
    public void affine(float scale, float[] x, int atX, float shift, float[] out, int atOut, int n) {
        int bound = SPECIES.loopBound(n);
        FloatVector factor = FloatVector.broadcast(SPECIES, scale);
        FloatVector addend = FloatVector.broadcast(SPECIES, shift);
        for (int i = 0; i < bound; i += LENGTH) {
            load(x, atX + i).fma(factor, addend).intoArray(out, atOut + i);
        }
        super.affine(scale, x, atX + bound, shift, out, atOut + bound, n - bound);
    }

    @Override
    public void roundToBf16(float[] x, int atX, float[] out, int atOut, int n) {
        int bound = SPECIES.loopBound(n);
        for (int i = 0; i < bound; i += LENGTH) {
            FloatVector value = load(x, atX + i);
            IntVector bits = value.reinterpretAsInts();
            IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
            FloatVector rounded = bits.add(0x7FFF).add(odd).and(0xFFFF0000).reinterpretAsFloats();
            rounded.blend(value, value.test(VectorOperators.IS_NAN)).intoArray(out, atOut + i);
        }
        super.roundToBf16(x, atX + bound, out, atOut + bound, n - bound);
    }

    @Override
    public void add(float[] a, int atA, float[] b, int atB, float[] out, int atOut, int n) {
        int bound = SPECIES.loopBound(n);
        for (int i = 0; i < bound; i += LENGTH) {
            load(a, atA + i).add(load(b, atB + i)).intoArray(out, atOut + i);
        }
        super.add(a, atA + bound, b, atB + bound, out, atOut + bound, n - bound);
    }

    @Override
    public void multiply(float[] a, int atA, float[] b, int atB, float[] out, int atOut, int n) {
        int bound = SPECIES.loopBound(n);
        for (int i = 0; i < bound; i += LENGTH) {
            load(a, atA + i).mul(load(b, atB + i)).intoArray(out, atOut + i);
        }
        super.multiply(a, atA + bound, b, atB + bound, out, atOut + bound, n - bound);
    }

    @Override
    public void activate(Activation function, float[] x, int atX, float[] out, int atOut, int n) {
        int bound = SPECIES.loopBound(n);
        switch (function) {
            case RELU -> relu(x, atX, out, atOut, bound);
            case GELU -> VectorMath.gelu(x, atX, out, atOut, bound);
            case SIGMOID -> sigmoid(x, atX, out, atOut, bound);
            case NONE -> System.arraycopy(x, atX, out, atOut, bound);
        }
        super.activate(function, x, atX + bound, out, atOut + bound, n - bound);
    }

    private static void relu(float[] x, int atX, float[] out, int atOut, int n) {
        for (int i = 0; i < n; i += LENGTH) {
            load(x, atX + i).max(0f).intoArray(out, atOut + i);
        }
    }

    private static void sigmoid(float[] x, int atX, float[] out, int atOut, int n) {
        for (int i = 0; i < n; i += LENGTH) {
            VectorMath.sigmoid(load(x, atX + i)).intoArray(out, atOut + i);
        }
    }
}
