package dev.sam2j.predictors.mask;

import dev.sam2j.predictors.mask.regions.Bits;
import java.util.Arrays;

/**
 * A mask in the run-length encoding of the COCO data set: lengths of alternating background and foreground runs over
 * the column-major pixels, beginning with background (0 if the first pixel is set). {@link #toCompressed()} is the
 * string that pycocotools writes.
 */
public final class CocoRle {
    private final int width;
    private final int height;
    private final int[] counts;

    private CocoRle(int width, int height, int[] counts) {
        this.width = width;
        this.height = height;
        this.counts = counts;
    }

    /** Encodes a mask. */
    public static CocoRle of(Mask mask) {
        return new CocoRle(mask.width(), mask.height(), new RunLengths(mask).counts());
    }

    /**
     * An encoding of the given run lengths, which are copied.
     *
     * @throws IllegalArgumentException if a length is negative or the lengths do not add up to {@code width * height}
     */
    public static CocoRle ofCounts(int width, int height, int... counts) {
        Mask.checkedPixels(width, height);
        long sum = 0;
        for (int count : counts) {
            if (count < 0) {
                throw new IllegalArgumentException("RLE: run lengths must not be negative, got " + count);
            }
            sum += count;
        }
        if (sum != (long) width * height) {
            throw new IllegalArgumentException("RLE: run lengths add up to " + sum + ", expected " + width + "x"
                    + height + " = " + (long) width * height);
        }
        return new CocoRle(width, height, counts.clone());
    }

    /**
     * Decodes a compressed string: each run length, less the one two before from the fourth on, in groups of 5 bits,
     * low first; 0x20 marks that another group follows, 48 is added to make a character, and the last group is
     * signed.
     *
     * @throws IllegalArgumentException if the string is malformed or does not fit the size
     */
    public static CocoRle ofCompressed(int width, int height, String text) {
        int[] counts = new int[Math.max(4, text.length())];
        int n = 0;
        int at = 0;
        while (at < text.length()) {
            long value = 0;
            int shift = 0;
            int group;
            do {
                group = at < text.length() ? text.charAt(at) - 48 : -1;
                if (group < 0 || group > 63 || shift > 30) {
                    throw new IllegalArgumentException("RLE: not a compressed COCO string, wrong at character " + at);
                }
                value |= (long) (group & 31) << shift;
                shift += 5;
                at++;
            } while ((group & 32) != 0);
            if ((group & 16) != 0) {
                value |= -1L << shift;
            }
            long count = n > 2 ? value + counts[n - 2] : value;
            if (count < 0 || count > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("RLE: a run of length " + count + " in a compressed COCO string");
            }
            counts[n++] = (int) count;
        }
        return ofCounts(width, height, Arrays.copyOf(counts, n));
    }

    /** The compressed string, of characters from '0' to 'o'. */
    public String toCompressed() {
        StringBuilder text = new StringBuilder(2 * counts.length);
        for (int i = 0; i < counts.length; i++) {
            int value = i > 2 ? counts[i] - counts[i - 2] : counts[i];
            boolean more;
            do {
                int group = value & 31;
                value >>= 5;
                more = (group & 16) != 0 ? value != -1 : value != 0;
                text.append((char) ((more ? group | 32 : group) + 48));
            } while (more);
        }
        return text.toString();
    }

    /** Decodes the mask. */
    public Mask toMask() {
        long[] bits = new long[Bits.words(width * height)];
        int from = 0;
        for (int i = 0; i < counts.length; i++) {
            if (i % 2 == 1) {
                toggle(bits, from, from + counts[i]);
            }
            from += counts[i];
        }
        // A toggle holds from its row down to the bottom.
        Bits.accumulateRows(bits, width, height);
        return Mask.owning(width, height, bits);
    }

    /** Marks where the column-major run {@code [from, to)} begins and ends in each column it crosses. */
    private void toggle(long[] bits, int from, int to) {
        int start = from;
        while (start < to) {
            int x = start / height;
            int y = start - x * height;
            int end = Math.min(to - x * height, height);
            Bits.flip(bits, y * width + x, y * width + x + 1);
            if (end < height) {
                Bits.flip(bits, end * width + x, end * width + x + 1);
            }
            start = x * height + end;
        }
    }

    /** Number of columns. */
    public int width() {
        return width;
    }

    /** Number of rows. */
    public int height() {
        return height;
    }

    /** A copy of the run lengths. */
    public int[] counts() {
        return counts.clone();
    }

    /** Number of foreground pixels. */
    public int area() {
        int area = 0;
        for (int i = 1; i < counts.length; i += 2) {
            area += counts[i];
        }
        return area;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CocoRle rle
                && width == rle.width
                && height == rle.height
                && Arrays.equals(counts, rle.counts);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * width + height) + Arrays.hashCode(counts);
    }

    /** For example {@code CocoRle[4x3, 061M]}. */
    @Override
    public String toString() {
        return "CocoRle[" + width + "x" + height + ", " + toCompressed() + "]";
    }
}
