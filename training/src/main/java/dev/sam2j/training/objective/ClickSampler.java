package dev.sam2j.training.objective;

import dev.sam2j.heads.PromptEncoder;
import java.util.SplittableRandom;
import java.util.function.LongBinaryOperator;

/**
 * Simulated users: clicks, boxes and corrections drawn from true masks as in the training of SAM 2 (Ravi et al., SAM 2:
 * Segment Anything in Images and Videos, 2024, appendix D). Masks are bits of a square of {@code size} pixels in
 * row-major order.
 */
public final class ClickSampler {
    /** How far a side of a box may be off, as a share of the box and in pixels. */
    private static final double BOX_NOISE = 0.1;

    private static final double MOST_BOX_NOISE = 20;
    /** How often a correction is drawn as if nothing had been predicted. */
    private static final double IGNORES_PREDICTION = 0.1;

    private final int size;

    /** Clicks on squares of so many pixels. */
    public ClickSampler(int size) {
        this.size = size;
    }

    /** A click on any pixel of the object, or outside it where the object is absent. */
    public Click click(long[] truth, SplittableRandom random) {
        return correction(truth, new long[truth.length], random);
    }

    /**
     * The upper left and lower right corner of a box around the object, each side moved by up to a tenth of the box.
     *
     * @throws IllegalArgumentException if the object has no pixel
     */
    public Click[] box(long[] truth, SplittableRandom random) {
        int[] box = bounds(truth);
        double acrossNoise = Math.min(BOX_NOISE * (box[2] - box[0]), MOST_BOX_NOISE);
        double downNoise = Math.min(BOX_NOISE * (box[3] - box[1]), MOST_BOX_NOISE);
        return corners(
                moved(box[0], acrossNoise, random),
                moved(box[1], downNoise, random),
                moved(box[2], acrossNoise, random),
                moved(box[3], downNoise, random));
    }

    /** The corners of the box around the object, without noise. */
    public Click[] box(long[] truth) {
        int[] box = bounds(truth);
        return corners(box[0], box[1], box[2], box[3]);
    }

    /** Whether the next correction is drawn as if nothing had been predicted; once for all objects of a step. */
    public static boolean ignoresPrediction(SplittableRandom random) {
        return random.nextDouble() < IGNORES_PREDICTION;
    }

    /** A click on any pixel that is predicted wrongly; where none is, outside the object. */
    public Click correction(long[] truth, long[] predicted, SplittableRandom random) {
        long wrong = count(truth, predicted, (t, p) -> t ^ p);
        if (wrong > 0) {
            int pixel = find(truth, predicted, (t, p) -> t ^ p, random.nextLong(wrong));
            return at(pixel, isSet(truth, pixel) ? PromptEncoder.FOREGROUND : PromptEncoder.BACKGROUND);
        }
        long outside = (long) size * size - count(truth, truth, (t, p) -> t);
        if (outside == 0) {
            return new Click(0, 0, PromptEncoder.BACKGROUND);
        }
        return at(find(truth, truth, (t, p) -> ~t, random.nextLong(outside)), PromptEncoder.BACKGROUND);
    }

    /**
     * The click of a careful user, without chance: in the middle of the largest wrong region, the pixel farthest from
     * the region's border; the object's own missing part only if it reaches deeper than what was added.
     */
    public Click deliberate(long[] truth, long[] predicted) {
        DistanceTransform missing = new DistanceTransform(size, combined(truth, predicted, (t, p) -> t & ~p));
        DistanceTransform added = new DistanceTransform(size, combined(truth, predicted, (t, p) -> p & ~t));
        return missing.largest() > added.largest()
                ? at(missing.deepest(), PromptEncoder.FOREGROUND)
                : at(added.deepest(), PromptEncoder.BACKGROUND);
    }

    private double moved(int side, double noise, SplittableRandom random) {
        double moved = side + (2 * random.nextDouble() - 1) * noise;
        return Math.min(Math.max(moved, 0), size - 1);
    }

    private static Click[] corners(double x0, double y0, double x1, double y1) {
        return new Click[] {
            new Click((float) x0, (float) y0, PromptEncoder.BOX_TOP_LEFT),
            new Click((float) x1, (float) y1, PromptEncoder.BOX_BOTTOM_RIGHT)
        };
    }

    private Click at(int pixel, int label) {
        return new Click(pixel % size, pixel / size, label);
    }

    /** Smallest x and y, largest x and y of the pixels that are set. */
    private int[] bounds(long[] mask) {
        int[] box = {size, size, -1, -1};
        for (int word = 0; word < mask.length; word++) {
            for (long rest = mask[word]; rest != 0; rest &= rest - 1) {
                int pixel = (word << 6) + Long.numberOfTrailingZeros(rest);
                int x = pixel % size;
                int y = pixel / size;
                box[0] = Math.min(box[0], x);
                box[1] = Math.min(box[1], y);
                box[2] = Math.max(box[2], x);
                box[3] = Math.max(box[3], y);
            }
        }
        if (box[2] < 0) {
            throw new IllegalArgumentException("box: the object has no pixel");
        }
        return box;
    }

    private long count(long[] truth, long[] predicted, LongBinaryOperator wanted) {
        long count = 0;
        for (int word = 0; word < truth.length; word++) {
            count += Long.bitCount(word(truth, predicted, wanted, word));
        }
        return count;
    }

    /** The pixel number {@code index} of those wanted. */
    private int find(long[] truth, long[] predicted, LongBinaryOperator wanted, long index) {
        long before = 0;
        for (int word = 0; ; word++) {
            long bits = word(truth, predicted, wanted, word);
            int here = Long.bitCount(bits);
            if (before + here > index) {
                for (; before < index; before++) {
                    bits &= bits - 1;
                }
                return (word << 6) + Long.numberOfTrailingZeros(bits);
            }
            before += here;
        }
    }

    private long[] combined(long[] truth, long[] predicted, LongBinaryOperator wanted) {
        long[] combined = new long[truth.length];
        for (int word = 0; word < truth.length; word++) {
            combined[word] = word(truth, predicted, wanted, word);
        }
        return combined;
    }

    /** A word of the pixels wanted, without the bits behind the last pixel. */
    private long word(long[] truth, long[] predicted, LongBinaryOperator wanted, int word) {
        long bits = wanted.applyAsLong(truth[word], predicted[word]);
        int rest = size * size - (word << 6);
        return rest >= 64 ? bits : bits & (1L << rest) - 1;
    }

    private static boolean isSet(long[] bits, int pixel) {
        return (bits[pixel >> 6] >>> pixel & 1) != 0;
    }
}
