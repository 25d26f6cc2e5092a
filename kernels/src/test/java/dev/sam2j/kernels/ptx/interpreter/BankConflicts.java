package dev.sam2j.kernels.ptx.interpreter;

import java.util.function.IntUnaryOperator;

/**
 * Bank conflicts of shared memory: 32 banks of 4 bytes; lanes that want different words of one bank wait for each
 * other. Accesses of 8 and 16 bytes are served in two and four phases of consecutive lanes.
 */
final class BankConflicts {
    private static final int BANKS = 32;

    private BankConflicts() {}

    /** Extra cycles of an access of {@code bytes} by the lanes in {@code mask}. */
    static int count(int mask, int bytes, IntUnaryOperator addressOfLane) {
        int lanesPerPhase = bytes <= 4 ? Warp.LANES : 4 * Warp.LANES / bytes;
        int extra = 0;
        for (int first = 0; first < Warp.LANES; first += lanesPerPhase) {
            int[] counts = new int[BANKS];
            int[] words = new int[BANKS * Warp.LANES];
            int most = 0;
            for (int lane = first; lane < first + lanesPerPhase; lane++) {
                int word = (mask >>> lane & 1) == 0 ? -1 : addressOfLane.applyAsInt(lane) / 4;
                for (int i = 0; i < Math.max(bytes / 4, 1) && word >= 0; i++) {
                    most = Math.max(most, add(words, counts, word + i));
                }
            }
            extra += Math.max(most - 1, 0);
        }
        return extra;
    }

    /** Notes a word unless it is known, and returns how many different words its bank serves. */
    private static int add(int[] words, int[] counts, int word) {
        int bank = word % BANKS;
        int start = bank * Warp.LANES;
        for (int i = start; i < start + counts[bank]; i++) {
            if (words[i] == word) {
                return counts[bank];
            }
        }
        words[start + counts[bank]] = word;
        return ++counts[bank];
    }
}
