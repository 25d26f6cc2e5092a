package dev.sam2j.tensor;

/**
 * The pixels of a mask and its sizes at other thresholds, see {@link Backend#thresholdMask}.
 *
 * @param bits bit {@code i} is pixel {@code i} in row-major order; unused bits of the last word are 0
 * @param low pixels above the lower threshold
 * @param high pixels above the higher threshold
 */
public record MaskBits(long[] bits, int low, int high) {
    /** A mask of one threshold: as many pixels are above it as bits are set. */
    public static MaskBits of(long[] bits) {
        int count = 0;
        for (long word : bits) {
            count += Long.bitCount(word);
        }
        return new MaskBits(bits, count, count);
    }

    /**
     * Words for the bits of so many pixels.
     *
     * @throws ArithmeticException if an array cannot hold them
     */
    public static int words(int height, int width) {
        return Math.toIntExact(((long) height * width + 63) / 64);
    }
}
