package dev.sam2j.cpu.pictures;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.cpu.runtime.Scratch;
import dev.sam2j.tensor.MaskBits;
import dev.sam2j.tensor.Tensor;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bilinear enlargement of a map of logits and comparison with thresholds, without the enlarged map: source lines are
 * stretched once, each line of the result is a blend of two of them that is compared while it is in registers. A blend
 * lies between the values it is made of, so pieces of the map whose values are all below or all above the thresholds
 * are answered without blending: most of a mask is far from its outline.
 */
public final class ThresholdMask {
    /** Pixels of a line that are decided together. */
    private static final int PIECE = 64;
    /** Bound of the rounding errors of a blend, relative to the largest value. */
    private static final float ROUNDING = 1e-6f;
    /** Least number of pixels in a task. */
    private static final int GRAIN = 1 << 15;

    private static final int SLOT_UPPER = 0;
    private static final int SLOT_LOWER = 1;
    private static final int SLOT_UPPER_RANGE = 2;
    private static final int SLOT_LOWER_RANGE = 3;

    private final Rows logits;
    private final int outWidth;
    private final int pieces;
    private final float low;
    private final float middle;
    private final float high;
    private final long[] bits;
    private final PictureKernels loops;
    private final LineTaps vertical;
    private final LineTaps horizontal;

    private ThresholdMask(
            Tensor logits, int outHeight, int outWidth, float low, float middle, float high, PictureKernels loops) {
        this.logits = rows(logits);
        this.outWidth = outWidth;
        this.pieces = (outWidth + PIECE - 1) / PIECE;
        this.low = low;
        this.middle = middle;
        this.high = high;
        this.bits = new long[MaskBits.words(outHeight, outWidth)];
        this.loops = loops;
        this.vertical = LineTaps.bilinear(logits.dim(0), outHeight);
        this.horizontal = LineTaps.bilinear(logits.dim(1), outWidth);
    }

    /**
     * Sets bit i where pixel i of the {@code outHeight x outWidth} result exceeds {@code middle}.
     *
     * @param low counted threshold, at most {@code middle}
     * @param high counted threshold, at least {@code middle}
     * @param logits (H, W)
     */
    public static MaskBits run(
            Tensor logits,
            int outHeight,
            int outWidth,
            float low,
            float middle,
            float high,
            PictureKernels loops,
            Parallel parallel) {
        ThresholdMask mask = new ThresholdMask(logits, outHeight, outWidth, low, middle, high, loops);
        AtomicLong counts = new AtomicLong();
        parallel.forRange(
                outHeight,
                linesPerTask(outWidth),
                (from, to, scratch) -> counts.addAndGet(mask.lines(from, to, scratch)));
        return new MaskBits(mask.bits, (int) (counts.get() >>> 32), (int) counts.get());
    }

    /** Lines that together are whole words of the result, so that no two tasks write to one word. */
    private static int linesPerTask(int outWidth) {
        int whole = 64 >> Math.min(6, Integer.numberOfTrailingZeros(outWidth));
        return (GRAIN / outWidth / whole + 1) * whole;
    }

    private long lines(int from, int to, Scratch scratch) {
        Line upper = new Line(scratch.floats(SLOT_UPPER, outWidth), scratch.floats(SLOT_UPPER_RANGE, 2 * pieces));
        Line lower = new Line(scratch.floats(SLOT_LOWER, outWidth), scratch.floats(SLOT_LOWER_RANGE, 2 * pieces));
        long sum = 0;
        for (int y = from; y < to; y++) {
            int above = vertical.first()[y];
            int below = vertical.second()[y];
            if (above == lower.source) {
                Line swap = upper;
                upper = lower;
                lower = swap;
            }
            upper.read(above);
            lower.read(below);
            sum += line(y, upper, lower);
        }
        return sum;
    }

    /** Answers a line of the result; neighbouring pieces that have to be blended are blended together. */
    private long line(int y, Line upper, Line lower) {
        long sum = 0;
        int mixed = 0;
        for (int piece = 0; piece < pieces; piece++) {
            float least = Math.min(upper.range[2 * piece], lower.range[2 * piece]);
            float greatest = Math.max(upper.range[2 * piece + 1], lower.range[2 * piece + 1]);
            float margin = ROUNDING * Math.max(Math.abs(least), Math.abs(greatest));
            // NaN answers neither comparison.
            boolean below = greatest < low - margin;
            boolean above = least > high + margin;
            if (!below && !above) {
                upper.stretch(piece);
                lower.stretch(piece);
                mixed++;
                continue;
            }
            sum += blend(y, piece - mixed, piece, upper, lower);
            mixed = 0;
            if (above) {
                int n = width(piece);
                setBits(position(y, piece), n);
                sum += ((long) n << 32) + n;
            }
        }
        return sum + blend(y, pieces - mixed, pieces, upper, lower);
    }

    private int width(int piece) {
        return Math.min(PIECE, outWidth - piece * PIECE);
    }

    /** Bit of the first pixel of a piece. */
    private long position(int y, int piece) {
        return (long) y * outWidth + piece * PIECE;
    }

    private long blend(int y, int piece, int end, Line upper, Line lower) {
        if (piece == end) {
            return 0;
        }
        int first = piece * PIECE;
        return loops.threshold(
                vertical.firstWeight()[y],
                upper.values,
                first,
                vertical.secondWeight()[y],
                lower.values,
                first,
                (end - 1 - piece) * PIECE + width(end - 1),
                low,
                middle,
                high,
                bits,
                position(y, piece));
    }

    private void setBits(long at, int n) {
        int word = (int) (at >> 6);
        int shift = (int) at & 63;
        long ones = n == 64 ? -1L : (1L << n) - 1;
        bits[word] |= ones << shift;
        if (shift + n > 64) {
            bits[word + 1] |= ones >>> 64 - shift;
        }
    }

    /** A source line: the range of the values behind each piece, and those pieces at the width of the result. */
    private final class Line {
        final float[] values;
        /** Least and greatest value behind each piece. */
        final float[] range;

        final boolean[] stretched = new boolean[pieces];
        int source = -1;

        Line(float[] values, float[] range) {
            this.values = values;
            this.range = range;
        }

        void read(int line) {
            if (line == source) {
                return;
            }
            source = line;
            Arrays.fill(stretched, false);
            int start = logits.at(line);
            for (int piece = 0; piece < pieces; piece++) {
                int first = horizontal.first()[piece * PIECE];
                int last = horizontal.second()[Math.min((piece + 1) * PIECE, outWidth) - 1];
                // Integers in the order of the floats: their minimum is one instruction. NaN is beyond infinity.
                int least = Integer.MAX_VALUE;
                int greatest = Integer.MIN_VALUE;
                for (int x = start + first; x <= start + last; x++) {
                    int value = ordered(Float.floatToRawIntBits(logits.data()[x]));
                    least = Math.min(least, value);
                    greatest = Math.max(greatest, value);
                }
                range[2 * piece] = Float.intBitsToFloat(ordered(least));
                range[2 * piece + 1] = Float.intBitsToFloat(ordered(greatest));
            }
        }

        /** Bits of a float as an integer in the same order, and back. */
        private static int ordered(int bits) {
            return bits ^ bits >> 31 >>> 1;
        }

        void stretch(int piece) {
            if (stretched[piece]) {
                return;
            }
            stretched[piece] = true;
            horizontal.stretch(loops, logits.data(), logits.at(source), values, piece * PIECE, width(piece));
        }
    }
}
