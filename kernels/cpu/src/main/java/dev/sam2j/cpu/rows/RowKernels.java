package dev.sam2j.cpu.rows;

import dev.sam2j.cpu.math.ScalarMath;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.host.HalfPrecision;

/**
 * Innermost loops over {@code n} adjacent values, here in plain Java, in {@link VectorRowKernels} on the Vector API;
 * each array is followed by the index of the first value.
 */
public class RowKernels {
    /** The sum of the values. */
    public float sum(float[] x, int atX, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += x[atX + i];
        }
        return (float) sum;
    }

    /** The sum of {@code (x - mean)²}. */
    public float squaredDeviations(float[] x, int atX, float mean, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            float deviation = x[atX + i] - mean;
            sum += deviation * deviation;
        }
        return (float) sum;
    }

    /** {@code out = (x - mean) * factor * gamma + beta}; out may be x. */
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
        for (int i = 0; i < n; i++) {
            out[atOut + i] = (x[atX + i] - mean) * factor * gamma[atGamma + i] + beta[atBeta + i];
        }
    }

    /** {@code out = alpha a + beta b}; out may be a or b. */
    public void combine(
            float alpha, float[] a, int atA, float beta, float[] b, int atB, float[] out, int atOut, int n) {
        for (int i = 0; i < n; i++) {
            out[atOut + i] = alpha * a[atA + i] + beta * b[atB + i];
        }
    }

    /** {@code out = scale x + shift}; out may be x. */
    public void affine(float scale, float[] x, int atX, float shift, float[] out, int atOut, int n) {
        for (int i = 0; i < n; i++) {
            out[atOut + i] = scale * x[atX + i] + shift;
        }
    }

    /** Nearest bfloat16 values, ties to even; out may be x. */
    public void roundToBf16(float[] x, int atX, float[] out, int atOut, int n) {
        for (int i = 0; i < n; i++) {
            out[atOut + i] = HalfPrecision.fromBf16(HalfPrecision.toBf16(x[atX + i]));
        }
    }

    /** {@code out = a + b}; out may be a or b. */
    public void add(float[] a, int atA, float[] b, int atB, float[] out, int atOut, int n) {
        for (int i = 0; i < n; i++) {
            out[atOut + i] = a[atA + i] + b[atB + i];
        }
    }

    /** {@code out = a b}; out may be a or b. */
    public void multiply(float[] a, int atA, float[] b, int atB, float[] out, int atOut, int n) {
        for (int i = 0; i < n; i++) {
            out[atOut + i] = a[atA + i] * b[atB + i];
        }
    }

    /** {@code out = function(x)}; out may be x. */
    public void activate(Activation function, float[] x, int atX, float[] out, int atOut, int n) {
        for (int i = 0; i < n; i++) {
            out[atOut + i] = ScalarMath.apply(function, x[atX + i]);
        }
    }
}
