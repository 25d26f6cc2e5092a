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
 * <p>The recordings are float32's. The reference itself, run in bfloat16 on them, is off by 1 to 5 % in logits (root of
 * the mean squares) and by 1.5 % in embeddings, half of that from rounding the weights; with random weights up to one
 * pixel in 25 has a logit smaller than that, so that its masks overlap the recorded ones to 0.85 only. So in bfloat16
 * logits and features have to be as near as that, masks have to agree where the logit is not 0 to within the error,
 * and scores have to be near. Choices between masks, by a stability near its threshold or by scores that are equal in
 * bfloat16, fall the other way in the reference too: a prompt that another of the decoder's masks answers is counted,
 * and of a tracking with random weights only its beginning can be compared.
 */
final class TestDevice {
    private static final double BF16_MASK_IOU = 0.99;
    private static final double BF16_SINGLE_MASK_IOU = 0.98;
    private static final int BF16_EDGE_PIXELS = 4;
    private static final double BF16_UNDECIDED = 0.12;
    private static final double BF16_SCORE_MAX = 0.015;
    private static final double BF16_RELATIVE = 0.05;
    private static final double BF16_UNMATCHED = 0.125;

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

    /** The least overlap of one mask with the recorded one. */
    static double singleMaskIou(double fp32) {
        return bf16() ? BF16_SINGLE_MASK_IOU : fp32;
    }

    /** Pixels of a low-resolution mask that may differ whatever its size: the smallest objects have about twenty. */
    static int edgePixels() {
        return bf16() ? BF16_EDGE_PIXELS : 0;
    }

    /** Up to which part of the logits' root mean square a logit may have either sign. */
    static double undecided(double fp32) {
        return bf16() ? BF16_UNDECIDED : fp32;
    }

    /** The largest relative error of anything that is compared. */
    static double relative(double fp32) {
        return bf16() ? BF16_RELATIVE : fp32;
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
