package dev.sam2j.parity;

import dev.sam2j.BackendException;
import dev.sam2j.Precision;
import dev.sam2j.cuda.FakeCuda;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.provider.BackendOptions;
import dev.sam2j.tensor.provider.Backends;
import java.util.Locale;
import org.junit.jupiter.api.Assumptions;

/**
 * The device that whole models are compared on: the system properties {@code dev.sam2j.test.device} ({@code cpu},
 * {@code cuda}, {@code cuda:1}) and {@code dev.sam2j.test.precision} ({@code fp32}, {@code fp16} or {@code bf16}), by
 * default the CPU in float32. {@code fake-cuda} is the CUDA backend on a device in host memory, quick enough for the
 * demo model's pictures.
 *
 * <p>The recordings are float32's. The reference itself, run in bfloat16 on them, is off by 1 to 5 % in logits (root of
 * the mean squares) and by 1.5 % in embeddings, half of that from rounding the weights; with random weights up to one
 * pixel in 25 has a logit smaller than that, so that its masks overlap the recorded ones to 0.85 only. So in bfloat16
 * logits and features have to be as near as that, masks have to agree where the logit is not 0 to within the error, and
 * scores have to be near. Choices between masks, by a stability near its threshold or by scores that are equal in
 * bfloat16, fall the other way in the reference too: a prompt that another of the decoder's masks answers is counted,
 * and of a tracking with random weights only its beginning can be compared. Numbers of float16 are eight times as close
 * together, and so are results, for pictures without leaving any pixel out; memories less, as they are rounded to
 * bfloat16 in any format, the reference's too, and values near the middle of two of its numbers may go to either.
 */
final class TestDevice {
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

    /** Whether activations are bfloat16, where choices fall the other way soonest. */
    static boolean bf16() {
        return precision() == Precision.BF16;
    }

    /** Whether activations have two bytes. */
    static boolean halves() {
        return bf16() || precision() == Precision.FP16;
    }

    private static double bound(double fp32, double fp16, double bf16) {
        return switch (precision()) {
            case FP16 -> fp16;
            case BF16 -> bf16;
            default -> fp32;
        };
    }

    /** The least overlap of a mask with the recorded one. */
    static double maskIou(double fp32) {
        return bound(fp32, 0.99, 0.99);
    }

    /** The least overlap of one mask with the recorded one. */
    static double singleMaskIou(double fp32) {
        return bound(fp32, 0.98, 0.98);
    }

    /** Pixels of a low-resolution mask that may differ whatever its size: the smallest objects have about twenty. */
    static int edgePixels() {
        return (int) bound(0, 1, 4);
    }

    /** Up to which part of the logits' root mean square a logit may have either sign. */
    static double undecided(double fp32) {
        return bound(fp32, fp32, 0.12);
    }

    /** {@link #undecided} for masks of tracked objects, which may have a hundred pixels. */
    static double undecidedTracked(double fp32) {
        return bound(fp32, 0.015, 0.12);
    }

    /** The largest relative error of anything that is compared. */
    static double relative(double fp32) {
        return bound(fp32, 0.0125, 0.05);
    }

    /** The largest difference of a score; that of stability counts pixels of small masks. */
    static double scoreMax(double fp32) {
        return bound(fp32, 0.005, 0.015);
    }

    /**
     * The share of automatic masks that may have no counterpart. In the reference, run with bfloat16 autocast on the
     * cases here, 4 of 22, 0 of 10 and 3 of 16 have none, with rounded weights 3, 0 and 5.
     */
    static double unmatched(double fp32) {
        return bound(fp32, 0.0625, 0.19);
    }

    /** Fails unless a tensor is as near as float32 has to be, or in bfloat16 near enough. */
    static void require(Difference difference, String name, double relativeBound, double maxBound) {
        if (halves()) {
            System.out.printf(
                    Locale.ROOT,
                    "%s: relative error %.2e, largest difference %.2e%n",
                    name,
                    difference.relative(),
                    difference.max());
            difference.require(name, relative(relativeBound), Double.MAX_VALUE);
        } else {
            difference.require(name, relativeBound, maxBound);
        }
    }
}
