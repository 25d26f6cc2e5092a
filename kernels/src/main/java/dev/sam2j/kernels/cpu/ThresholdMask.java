package dev.sam2j.kernels.cpu;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bilinear enlargement of a map of logits and comparison with thresholds, without the enlarged map: the few source
 * lines are stretched once, each line of the result is a blend of two of them that is compared while it is in
 * registers.
 */
public final class ThresholdMask {
    private static final int SLOT_UPPER = 0;
    private static final int SLOT_LOWER = 1;
    /** Least number of pixels in a task. */
    private static final int GRAIN = 1 << 15;

    private ThresholdMask() {}

    /**
     * Sets bit i of {@code bits[offset...]} where pixel i of the {@code outHeight x outWidth} result exceeds
     * {@code middle}.
     *
     * @param low counted threshold, at most {@code middle}
     * @param high counted threshold, at least {@code middle}
     * @return how many pixels exceed {@code low} in the upper 32 bits, how many exceed {@code high} in the lower
     */
    public static long run(
            Rows logits,
            int height,
            int width,
            int outHeight,
            int outWidth,
            float low,
            float middle,
            float high,
            long[] bits,
            int offset,
            RowKernels loops,
            Parallel parallel) {
        ResampleTaps vertical = ResampleTaps.bilinear(height, outHeight);
        ResampleTaps horizontal = ResampleTaps.bilinear(width, outWidth);
        int pixels = Math.multiplyExact(outHeight, outWidth);
        Arrays.fill(bits, offset, offset + (pixels + 63 >>> 6), 0);
        AtomicLong counts = new AtomicLong();
        parallel.forRange(outHeight, linesPerTask(outWidth), (from, to, scratch) -> {
            float[] upper = scratch.floats(SLOT_UPPER, outWidth);
            float[] lower = scratch.floats(SLOT_LOWER, outWidth);
            int upperLine = -1;
            int lowerLine = -1;
            long sum = 0;
            for (int y = from; y < to; y++) {
                int above = vertical.source[2 * y];
                int below = vertical.source[2 * y + 1];
                if (above == lowerLine) {
                    float[] swap = upper;
                    upper = lower;
                    lower = swap;
                    lowerLine = upperLine;
                    upperLine = above;
                }
                if (above != upperLine) {
                    stretch(logits, above, horizontal, upper, outWidth);
                    upperLine = above;
                }
                if (below != lowerLine) {
                    stretch(logits, below, horizontal, lower, outWidth);
                    lowerLine = below;
                }
                sum += loops.threshold(
                        vertical.weight[2 * y],
                        upper,
                        0,
                        vertical.weight[2 * y + 1],
                        lower,
                        0,
                        outWidth,
                        low,
                        middle,
                        high,
                        bits,
                        ((long) offset << 6) + (long) y * outWidth);
            }
            counts.addAndGet(sum);
        });
        return counts.get();
    }

    /** Lines that together are whole words of the result, so that no two tasks write to one word. */
    private static int linesPerTask(int outWidth) {
        int whole = 64 >> Math.min(6, Integer.numberOfTrailingZeros(outWidth));
        return (GRAIN / outWidth / whole + 1) * whole;
    }

    /** One source line at the width of the result. */
    private static void stretch(Rows logits, int source, ResampleTaps taps, float[] line, int outWidth) {
        float[] data = logits.data();
        int start = logits.at(source);
        for (int x = 0; x < outWidth; x++) {
            line[x] = taps.weight[2 * x] * data[start + taps.source[2 * x]]
                    + taps.weight[2 * x + 1] * data[start + taps.source[2 * x + 1]];
        }
    }
}
