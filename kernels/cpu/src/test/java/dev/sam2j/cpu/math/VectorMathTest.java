package dev.sam2j.cpu.math;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

/** Accuracy of the polynomials over dense arguments, against double precision. */
class VectorMathTest {
    private static final double STEP = 1.0 / 1024;

    private interface VectorFunction {
        FloatVector apply(FloatVector x);
    }

    private static void overRange(double from, double to, VectorFunction f, DoubleUnaryOperator exact, Bound bound) {
        float[] x = new float[Lanes.LENGTH];
        for (double start = from; start < to; start += x.length * STEP) {
            for (int i = 0; i < x.length; i++) {
                x[i] = (float) (start + i * STEP);
            }
            float[] y = f.apply(FloatVector.fromArray(Lanes.SPECIES, x, 0)).toArray();
            for (int i = 0; i < x.length; i++) {
                double expected = exact.applyAsDouble(x[i]);
                assertEquals(expected, y[i], bound.at(x[i], expected), "at " + x[i]);
            }
        }
    }

    private interface Bound {
        double at(double x, double expected);
    }

    private static double gelu(double x) {
        // The power series of erf for small, its continued fraction (from below) for large arguments.
        double z = Math.abs(x) / Math.sqrt(2);
        double erfc;
        if (z < 3) {
            double term = z;
            double sum = z;
            for (int n = 1; Math.abs(term) > 1e-18; n++) {
                term *= -z * z / n;
                sum += term / (2 * n + 1);
            }
            erfc = 1 - sum * 2 / Math.sqrt(Math.PI);
        } else {
            double fraction = z;
            for (int n = 60; n >= 1; n--) {
                fraction = z + n / 2.0 / fraction;
            }
            erfc = Math.exp(-z * z) / Math.sqrt(Math.PI) / fraction;
        }
        return Math.max(x, 0) - Math.abs(x) / 2 * erfc;
    }

    private static FloatVector vectorGelu(FloatVector x) {
        float[] values = x.toArray();
        VectorMath.gelu(values, 0, values, 0, values.length);
        return FloatVector.fromArray(Lanes.SPECIES, values, 0);
    }

    @Test
    void exp() {
        overRange(-86, 87, VectorMath::exp, Math::exp, (x, expected) -> 2e-7 * expected);
    }

    @Test
    void sigmoid() {
        overRange(-80, 100, VectorMath::sigmoid, x -> 1 / (1 + Math.exp(-x)), (x, expected) -> 4e-7 * expected);
    }

    @Test
    void gelu() {
        Bound bound = (x, expected) -> Math.min(5e-7, 2e-7 * Math.abs(x)) + 0x1p-24 * Math.abs(expected);
        overRange(-20, 40, VectorMathTest::vectorGelu, VectorMathTest::gelu, bound);
        for (double x = -20; x < 40; x += STEP) {
            assertEquals(gelu(x), ScalarMath.gelu((float) x), bound.at(x, gelu(x)), "scalar at " + x);
        }
    }

    /** Parts of {@link VectorMath#logistic}. */
    private static VectorFunction logistic(int part) {
        return x -> {
            float[][] parts = new float[3][Lanes.LENGTH];
            VectorMath.logistic(x.toArray(), parts[0], parts[1], parts[2], 0, Lanes.LENGTH);
            return FloatVector.fromArray(Lanes.SPECIES, parts[part], 0);
        };
    }

    @Test
    void logistic() {
        Bound bound = (x, expected) -> 2.5e-7 * expected;
        overRange(-87, 87, logistic(0), x -> 1 / (1 + Math.exp(-x)), bound);
        overRange(-87, 87, logistic(1), x -> 1 / (1 + Math.exp(x)), bound);
        overRange(-87, 87, logistic(2), x -> Math.log1p(Math.exp(-Math.abs(x))), (x, expected) -> 2e-7 * expected);
        for (float x : new float[] {88, 104, 1024, Float.MAX_VALUE, Float.POSITIVE_INFINITY}) {
            FloatVector at = FloatVector.broadcast(Lanes.SPECIES, x);
            assertEquals(1, logistic(0).apply(at).lane(0));
            assertEquals(0, logistic(1).apply(at).lane(0), 2e-38);
            assertEquals(0, logistic(2).apply(at).lane(0), 2e-38);
            assertEquals(0, logistic(0).apply(at.neg()).lane(0), 2e-38);
        }
    }

    @Test
    void geluSlope() {
        DoubleUnaryOperator exact =
                x -> (x == 0 ? 0.5 : gelu(x) / x) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
        VectorFunction slope = x -> {
            float[] dX = new float[Lanes.LENGTH];
            float[] dY = new float[Lanes.LENGTH];
            Arrays.fill(dY, 1);
            VectorMath.addGeluSlope(x.toArray(), 0, dY, 0, dX, 0, dX.length);
            return FloatVector.fromArray(Lanes.SPECIES, dX, 0);
        };
        overRange(-20, 40, slope, exact, (x, expected) -> 4e-7);
        for (double x = -20; x < 40; x += STEP) {
            assertEquals(exact.applyAsDouble(x), ScalarMath.geluSlope((float) x), 4e-7, "scalar at " + x);
        }
    }

    @Test
    void nanSpreads() {
        FloatVector nan = FloatVector.broadcast(Lanes.SPECIES, Float.NaN);
        assertTrue(Float.isNaN(vectorGelu(nan).lane(0)));
        assertTrue(Float.isNaN(ScalarMath.gelu(Float.NaN)));
    }
}
