package dev.sam2j.cpu.training;

import dev.sam2j.cpu.math.Lanes;
import dev.sam2j.cpu.math.VectorMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link BackwardLoops} on the Vector API; what does not fill a vector is left to the scalar loops. */
public final class VectorBackwardLoops extends BackwardLoops {
    private static final VectorSpecies<Float> F = Lanes.SPECIES;
    private static final int L = Lanes.LENGTH;

    private static FloatVector load(float[] x, int at) {
        return FloatVector.fromArray(F, x, at);
    }

    @Override
    void normSums(
            float[] x, int atX, float mean, float[] gamma, int atGamma, float[] dY, int atDY, int n, float[] sums) {
        int bound = F.loopBound(n);
        super.normSums(x, atX + bound, mean, gamma, atGamma + bound, dY, atDY + bound, n - bound, sums);
        FloatVector sum = FloatVector.zero(F);
        FloatVector product = FloatVector.zero(F);
        for (int i = 0; i < bound; i += L) {
            FloatVector g = load(dY, atDY + i).mul(load(gamma, atGamma + i));
            sum = sum.add(g);
            product = g.fma(load(x, atX + i).sub(mean), product);
        }
        sums[0] += VectorMath.sum(sum);
        sums[1] += VectorMath.sum(product);
    }

    @Override
    void normInput(
            float[] x,
            int atX,
            float mean,
            float[] gamma,
            int atGamma,
            float[] dY,
            int atDY,
            float factor,
            float shift,
            float slope,
            float[] dX,
            int atDX,
            int n) {
        int bound = F.loopBound(n);
        for (int i = 0; i < bound; i += L) {
            FloatVector g =
                    load(dY, atDY + i).mul(factor).mul(load(gamma, atGamma + i)).sub(shift);
            g = load(x, atX + i).sub(mean).mul(-slope).add(g);
            load(dX, atDX + i).add(g).intoArray(dX, atDX + i);
        }
        super.normInput(
                x,
                atX + bound,
                mean,
                gamma,
                atGamma + bound,
                dY,
                atDY + bound,
                factor,
                shift,
                slope,
                dX,
                atDX + bound,
                n - bound);
    }

    @Override
    void normParameters(
            float[] x, int atX, float mean, float factor, float[] dY, int atDY, int n, float[] sums, int atSums) {
        int bound = F.loopBound(n);
        for (int i = 0; i < bound; i += L) {
            FloatVector dy = load(dY, atDY + i);
            FloatVector unit = load(x, atX + i).sub(mean).mul(factor);
            dy.fma(unit, load(sums, atSums + i)).intoArray(sums, atSums + i);
            load(sums, atSums + n + i).add(dy).intoArray(sums, atSums + n + i);
        }
        for (int i = bound; i < n; i++) {
            sums[atSums + i] += dY[atDY + i] * (factor * (x[atX + i] - mean));
            sums[atSums + n + i] += dY[atDY + i];
        }
    }

    @Override
    void rowProducts(float[] a, int atA, int strideA, float[] b, int atB, int strideB, int rows, int n, float[] sums) {
        int bound = F.loopBound(n);
        for (int row = 0; row < rows; row++) {
            int p = atA + row * strideA;
            int q = atB + row * strideB;
            FloatVector sum = FloatVector.zero(F);
            for (int i = 0; i < bound; i += L) {
                sum = load(a, p + i).fma(load(b, q + i), sum);
            }
            float rest = bound == n ? 0 : dot(a, p + bound, b, q + bound, n - bound);
            sums[row] = VectorMath.sum(sum) + rest;
        }
    }

    @Override
    void addRows(float factor, float[] x, int strideX, int rows, int n, float[] to, int atTo, int strideTo) {
        int bound = F.loopBound(n);
        FloatVector factors = FloatVector.broadcast(F, factor);
        for (int row = 0; row < rows; row++) {
            int from = row * strideX;
            int at = atTo + row * strideTo;
            for (int i = 0; i < bound; i += L) {
                load(x, from + i).fma(factors, load(to, at + i)).intoArray(to, at + i);
            }
            for (int i = bound; i < n; i++) {
                to[at + i] += factor * x[from + i];
            }
        }
    }

    @Override
    void softmax(float[] s, float[] d, int rows, int stride, int columns, float[] logSums, float[] means) {
        for (int i = 0; i < columns; i += L) {
            FloatVector logSum = load(logSums, i);
            FloatVector mean = load(means, i);
            for (int row = 0, at = i; row < rows; row++, at += stride) {
                FloatVector p = VectorMath.power2(logSum.sub(load(s, at)));
                p.intoArray(s, at);
                load(d, at).sub(mean).mul(p).intoArray(d, at);
            }
        }
    }
}
