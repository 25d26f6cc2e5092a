package dev.sam2j.parity;

import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.BackendException;
import dev.sam2j.tensor.BackendOptions;
import dev.sam2j.tensor.Backends;
import dev.sam2j.tensor.Precision;
import dev.sam2j.tensor.cuda.FakeCuda;
import java.util.Locale;
import org.junit.jupiter.api.Assumptions;

/**
 * The device that whole models are compared on: the system properties {@code dev.sam2j.test.device} ({@code cpu},
 * {@code cuda}, {@code cuda:1}) and {@code dev.sam2j.test.precision} ({@code fp32} or {@code bf16}), by default the CPU
 * in float32. {@code fake-cuda} is the CUDA backend on a device in host memory, quick enough for the demo model's
 * pictures.
 *
 * <p>The recordings are float32's. In bfloat16, whose numbers have 8 significant bits, masks have to agree with them
 * and scores to be near; tensors on the way are compared only so far that a wrong one is found, and their differences
 * are printed.
 */
final class TestDevice {
    private static final double BF16_MASK_IOU = 0.99;
    private static final double BF16_SINGLE_MASK_IOU = 0.92;
    private static final int BF16_EDGE_PIXELS = 4;
    private static final double BF16_DECIDED = 0.5;
    private static final double BF16_SCORE_MAX = 0.03;
    private static final double BF16_RELATIVE = 0.1;
    private static final double BF16_UNMATCHED = 0.05;

    private TestDevice() {}

    /** The backend; a test for which this machine lacks it is skipped, with the reason. */
    static Backend open() {
        String device = System.getProperty("dev.sam2j.test.device", "cpu");
        if (device.equals("fake-cuda")) {
            return FakeCuda.backend(precision());
        }
        try {
            return Backends.open(device, new BackendOptions(0, precision()));
        } catch (BackendException e) {
            return Assumptions.abort(e.getMessage());
        }
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

    /**
     * The least overlap of one mask with the recorded one: a small object of the demo model's pictures has so few
     * pixels that those of its edge count.
     */
    static double singleMaskIou(double fp32) {
        return bf16() ? BF16_SINGLE_MASK_IOU : fp32;
    }

    /** Pixels of a low-resolution mask that may differ whatever its size: the smallest objects have about twenty. */
    static int edgePixels() {
        return bf16() ? BF16_EDGE_PIXELS : 0;
    }

    /**
     * Whether the model itself thinks little of all its masks: which of them answers a prompt for a single one then
     * hangs on digits that bfloat16 does not have.
     */
    static boolean isUndecided(float[] expectedScores) {
        for (float score : expectedScores) {
            if (score >= BF16_DECIDED) {
                return false;
            }
        }
        return bf16();
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
