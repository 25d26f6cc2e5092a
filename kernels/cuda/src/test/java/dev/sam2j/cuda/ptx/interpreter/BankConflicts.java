package dev.sam2j.cuda.ptx.interpreter;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
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
        int[] firstWords = new int[BANKS];
        for (int first = 0; first < Warp.LANES; first += lanesPerPhase) {
            Arrays.fill(firstWords, -1);
            boolean conflict = false;
            for (int lane = first; lane < first + lanesPerPhase && !conflict; lane++) {
                int word = (mask >>> lane & 1) == 0 ? -1 : addressOfLane.applyAsInt(lane) / 4;
                for (int i = 0; i < Math.max(bytes / 4, 1) && word >= 0; i++) {
                    int bank = (word + i) % BANKS;
                    conflict |= firstWords[bank] >= 0 && firstWords[bank] != word + i;
                    firstWords[bank] = word + i;
                }
            }
            extra += conflict ? most(mask, bytes, first, lanesPerPhase, addressOfLane) - 1 : 0;
        }
        return extra;
    }

    /** Largest number of different words that one bank serves in a phase. */
    private static int most(int mask, int bytes, int first, int lanes, IntUnaryOperator addressOfLane) {
        int[] wordsOfBank = new int[BANKS];
        Set<Integer> words = new HashSet<>();
        int most = 0;
        for (int lane = first; lane < first + lanes; lane++) {
            int word = (mask >>> lane & 1) == 0 ? -1 : addressOfLane.applyAsInt(lane) / 4;
            for (int i = 0; i < Math.max(bytes / 4, 1) && word >= 0; i++) {
                if (words.add(word + i)) {
                    most = Math.max(most, ++wordsOfBank[(word + i) % BANKS]);
                }
            }
        }
        return most;
    }
}
