package dev.sam2j.parity;

import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.BackendOptions;
import dev.sam2j.tensor.Backends;
import dev.sam2j.tensor.Precision;
import java.util.Locale;

/**
 * The device that whole models are compared on: the system properties {@code dev.sam2j.test.device} ({@code cpu},
 * {@code cuda}, {@code cuda:1}) and {@code dev.sam2j.test.precision} ({@code fp32} or {@code bf16}), by default the CPU
 * in float32.
 *
 * <p>The recordings are float32's. In bfloat16, whose numbers have 8 significant bits, masks have to agree with them
 * and scores to be near; tensors on the way are compared only so far that a wrong one is found, and their differences
 * are printed.
 */
final class TestDevice {
    private static final double BF16_MASK_IOU = 0.99;
    private static final double BF16_SCORE_MAX = 0.03;
    private static final double BF16_RELATIVE = 0.1;
    private static final double BF16_UNMATCHED = 0.05;

    private TestDevice() {}

    static Backend open() {
        return Backends.open(System.getProperty("dev.sam2j.test.device", "cpu"), new BackendOptions(0, precision()));
    }

    private static Precision precision() {
        return Precision.valueOf(
                System.getProperty("dev.sam2j.test.precision", "fp32").toUpperCase(Locale.ROOT));
    }

    static boolean bf16() {
        return precision() == Precision.BF16;
    }

    /** The least overlap of a mask with the recorded one. */
    static double maskIou(double fp32) {
        return bf16() ? BF16_MASK_IOU : fp32;
    }

    /** The largest difference of a score. */
    static double scoreMax(double fp32) {
        return bf16() ? BF16_SCORE_MAX : fp32;
    }

    /** The share of automatic masks that may have no counterpart. */
    static double unmatched(double fp32) {
        return bf16() ? BF16_UNMATCHED : fp32;
    }

    /** Fails unless a tensor is as near as float32 has to be, or in bfloat16 near enough. */
    static void require(Difference difference, String name, double relativeBound, double maxBound) {
        if (bf16()) {
            System.out.printf(
                    Locale.ROOT,
                    "%s: relative error %.2e, largest difference %.2e%n",
                    name,
                    difference.relative(),
                    difference.max());
            difference.require(name, BF16_RELATIVE, Double.MAX_VALUE);
        } else {
            difference.require(name, relativeBound, maxBound);
        }
    }
}
