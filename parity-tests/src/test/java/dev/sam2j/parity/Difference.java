package dev.sam2j.parity;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.Locale;

/**
 * How far a result is from the expected one.
 *
 * @param relative |a - b| / |b|, Euclidean norms
 * @param max largest absolute difference
 */
record Difference(double relative, double max) {
    static Difference between(float[] actual, float[] expected) {
        if (actual.length != expected.length) {
            fail("expected " + expected.length + " values, got " + actual.length);
        }
        double error = 0;
        double norm = 0;
        double max = 0;
        for (int i = 0; i < actual.length; i++) {
            double difference = (double) actual[i] - expected[i];
            if (Double.isNaN(difference)) {
                fail("value " + i + ": expected " + expected[i] + ", got " + actual[i]);
            }
            error += difference * difference;
            norm += (double) expected[i] * expected[i];
            max = Math.max(max, Math.abs(difference));
        }
        return new Difference(Math.sqrt(error / norm), max);
    }

    /** Fails, naming the tensor, unless both errors are within their bounds. */
    void require(String name, double relativeBound, double maxBound) {
        if (!(relative <= relativeBound && max <= maxBound)) {
            fail(String.format(
                    Locale.ROOT,
                    "%s: relative error %.2e (at most %.0e), largest difference %.2e (at most %.0e)",
                    name,
                    relative,
                    relativeBound,
                    max,
                    maxBound));
        }
    }
}
