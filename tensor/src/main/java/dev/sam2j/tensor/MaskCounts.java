package dev.sam2j.tensor;

/**
 * Sizes of a mask at two thresholds, see {@link Backend#maskStatistics}.
 *
 * @param low pixels above the lower threshold
 * @param high pixels above the higher threshold
 */
public record MaskCounts(int low, int high) {
    /** Set bits in {@code words} words from {@code offset} on. */
    static int ones(long[] bits, int offset, int words) {
        int count = 0;
        for (int i = offset; i < offset + words; i++) {
            count += Long.bitCount(bits[i]);
        }
        return count;
    }
}
