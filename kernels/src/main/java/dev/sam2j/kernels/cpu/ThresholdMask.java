package dev.sam2j.kernels.cpu;

/** Bilinear enlargement of a map of logits and comparison with a threshold, one line at a time. */
public final class ThresholdMask {
    private static final int SLOT_LINE = 0;
    /** Pixels in a task: whole words of the result. */
    private static final int GRAIN = 1 << 15;

    private ThresholdMask() {}

    /**
     * Bit i of {@code bits[offset...]} is set where pixel i of the {@code outHeight x outWidth} result exceeds
     * threshold.
     */
    public static void run(
            Rows logits,
            int height,
            int width,
            int outHeight,
            int outWidth,
            float threshold,
            long[] bits,
            int offset,
            RowKernels loops,
            Parallel parallel) {
        ResampleTaps vertical = ResampleTaps.bilinear(height, outHeight);
        ResampleTaps horizontal = ResampleTaps.bilinear(width, outWidth);
        parallel.forRange(Math.multiplyExact(outHeight, outWidth), GRAIN, (from, to, scratch) -> {
            float[] line = scratch.floats(SLOT_LINE, width);
            long word = 0;
            for (int i = from; i < to; ) {
                int y = i / outWidth;
                loops.combine(
                        vertical.weight[2 * y],
                        logits.data(),
                        logits.at(vertical.source[2 * y]),
                        vertical.weight[2 * y + 1],
                        logits.data(),
                        logits.at(vertical.source[2 * y + 1]),
                        line,
                        0,
                        width);
                int end = Math.min(to, (y + 1) * outWidth);
                for (; i < end; i++) {
                    int tap = 2 * (i - y * outWidth);
                    float value = horizontal.weight[tap] * line[horizontal.source[tap]]
                            + horizontal.weight[tap + 1] * line[horizontal.source[tap + 1]];
                    word |= (value > threshold ? 1L : 0L) << i;
                    if ((i & 63) == 63) {
                        bits[offset + (i >> 6)] = word;
                        word = 0;
                    }
                }
            }
            if ((to & 63) != 0) {
                bits[offset + (to >> 6)] = word;
            }
        });
    }
}
