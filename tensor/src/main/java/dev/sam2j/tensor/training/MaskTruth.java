package dev.sam2j.tensor.training;

import dev.sam2j.tensor.MaskBits;
import java.util.Arrays;

/**
 * True masks of N objects, as squares of {@code size} pixels.
 *
 * @param size side of the square
 * @param bits for each object the pixels in row-major order, as in {@link MaskBits}
 * @param areas for each object the pixels that are set
 */
public record MaskTruth(int size, long[][] bits, long[] areas) {
    /** Truth of these pixels. */
    public static MaskTruth of(int size, long[]... bits) {
        long[] areas = Arrays.stream(bits)
                .mapToLong(mask -> Arrays.stream(mask).map(Long::bitCount).sum())
                .toArray();
        return new MaskTruth(size, bits, areas);
    }

    /** Number of objects. */
    public int objects() {
        return bits.length;
    }

    /** Objects {@code from} (inclusive) to {@code to} (exclusive). */
    public MaskTruth slice(int from, int to) {
        return new MaskTruth(size, Arrays.copyOfRange(bits, from, to), Arrays.copyOfRange(areas, from, to));
    }
}
