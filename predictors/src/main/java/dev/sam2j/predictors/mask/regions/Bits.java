package dev.sam2j.predictors.mask.regions;

/** Operations on ranges of bits; bit {@code i} is bit {@code i % 64} of word {@code i / 64}. */
public final class Bits {
    private Bits() {}

    /** Words that hold {@code count} bits. */
    public static int words(int count) {
        return (count + 63) >>> 6;
    }

    /** Bits {@code from ... from + count - 1} as the low bits of a word, {@code 1 <= count <= 64}; the others are 0. */
    public static long extract(long[] bits, int from, int count) {
        int word = from >>> 6;
        int shift = from & 63;
        long value = bits[word] >>> shift;
        if (shift + count > 64) {
            value |= bits[word + 1] << (64 - shift);
        }
        return count == 64 ? value : value & (1L << count) - 1;
    }

    /**
     * Sets bits {@code from ...} wherever the low {@code count} bits of {@code value} are set; its other bits are 0.
     */
    public static void or(long[] bits, int from, int count, long value) {
        int word = from >>> 6;
        int shift = from & 63;
        bits[word] |= value << shift;
        if (shift + count > 64) {
            bits[word + 1] |= value >>> (64 - shift);
        }
    }

    /**
     * Flips bits {@code from ...} wherever the low {@code count} bits of {@code value} are set; its other bits are 0.
     */
    static void xor(long[] bits, int from, int count, long value) {
        int word = from >>> 6;
        int shift = from & 63;
        bits[word] ^= value << shift;
        if (shift + count > 64) {
            bits[word + 1] ^= value >>> (64 - shift);
        }
    }

    /** Flips bits {@code from} (inclusive) to {@code to} (exclusive). */
    public static void flip(long[] bits, int from, int to) {
        for (int at = from; at < to; at += 64) {
            int count = Math.min(64, to - at);
            xor(bits, at, count, -1L >>> -count);
        }
    }

    /** Replaces each row by the exclusive or of itself and all rows above. */
    public static void accumulateRows(long[] bits, int width, int height) {
        for (int y = 1; y < height; y++) {
            for (int x = 0; x < width; x += 64) {
                int count = Math.min(64, width - x);
                xor(bits, y * width + x, count, extract(bits, (y - 1) * width + x, count));
            }
        }
    }

    /** Sets bits {@code from} (inclusive) to {@code to} (exclusive). */
    public static void set(long[] bits, int from, int to) {
        if (from >= to) {
            return;
        }
        int first = from >>> 6;
        int last = to - 1 >>> 6;
        long head = -1L << from;
        long tail = -1L >>> -to;
        if (first == last) {
            bits[first] |= head & tail;
            return;
        }
        bits[first] |= head;
        for (int i = first + 1; i < last; i++) {
            bits[i] = -1L;
        }
        bits[last] |= tail;
    }

    /** First set bit in {@code [from, to)}, or {@code to}. */
    public static int nextSet(long[] bits, int from, int to) {
        return next(bits, from, to, 0L);
    }

    /** First clear bit in {@code [from, to)}, or {@code to}. */
    public static int nextClear(long[] bits, int from, int to) {
        return next(bits, from, to, -1L);
    }

    private static int next(long[] bits, int from, int to, long flip) {
        if (from >= to) {
            return to;
        }
        int word = from >>> 6;
        int last = to - 1 >>> 6;
        long value = (bits[word] ^ flip) & -1L << from;
        while (value == 0 && word < last) {
            value = bits[++word] ^ flip;
        }
        return value == 0 ? to : Math.min(to, (word << 6) + Long.numberOfTrailingZeros(value));
    }

    /** Last set bit in {@code [from, to)}, or {@code from - 1}. */
    public static int previousSet(long[] bits, int from, int to) {
        if (from >= to) {
            return from - 1;
        }
        int word = to - 1 >>> 6;
        int first = from >>> 6;
        long value = bits[word] & -1L >>> -to;
        while (value == 0 && word > first) {
            value = bits[--word];
        }
        return value == 0 ? from - 1 : Math.max(from - 1, (word << 6) + 63 - Long.numberOfLeadingZeros(value));
    }

    /** Transposes 64 words of 64 bits: bit j of word i becomes bit i of word j. */
    public static void transpose(long[] words, int from) {
        swapHalves(words, from, 32, 0x00000000FFFFFFFFL);
        swapHalves(words, from, 16, 0x0000FFFF0000FFFFL);
        swapHalves(words, from, 8, 0x00FF00FF00FF00FFL);
        swapHalves(words, from, 4, 0x0F0F0F0F0F0F0F0FL);
        swapHalves(words, from, 2, 0x3333333333333333L);
        swapHalves(words, from, 1, 0x5555555555555555L);
    }

    /** Swaps the upper right and the lower left quarter of each square of {@code 2 half} words and bits. */
    private static void swapHalves(long[] words, int from, int half, long mask) {
        for (int first = from; first < from + 64; first += 2 * half) {
            for (int i = first; i < first + half; i++) {
                long swapped = (words[i] >>> half ^ words[i + half]) & mask;
                words[i] ^= swapped << half;
                words[i + half] ^= swapped;
            }
        }
    }
}
