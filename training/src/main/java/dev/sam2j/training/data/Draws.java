package dev.sam2j.training.data;

import java.util.SplittableRandom;

/**
 * All chance in training: a generator for each purpose, known from the run's seed and its place in the run alone. A run
 * that is resumed goes on as if it had not stopped, whatever was drawn before on whichever thread.
 */
public final class Draws {
    /** Stands for a sample where chance concerns a whole epoch. */
    public static final int NO_SAMPLE = -1;

    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private Draws() {}

    /**
     * A generator.
     *
     * @param seed of the run
     * @param epoch from 0
     * @param sample index in the data set, or {@link #NO_SAMPLE}
     * @param purpose one word, for example {@code order}
     */
    public static SplittableRandom of(long seed, int epoch, int sample, String purpose) {
        long state = mix(seed + GOLDEN_GAMMA);
        state = mix(state ^ epoch + GOLDEN_GAMMA);
        state = mix(state ^ sample + GOLDEN_GAMMA);
        state = mix(state ^ purpose.hashCode() + GOLDEN_GAMMA);
        return new SplittableRandom(state);
    }

    /** The finalizer of MurmurHash3 with Stafford's variant 13, as in {@link SplittableRandom} itself. */
    private static long mix(long value) {
        long mixed = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return mixed ^ mixed >>> 31;
    }

    /** Puts an array in random order (Fisher and Yates). */
    public static void shuffle(int[] values, SplittableRandom random) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = values[i];
            values[i] = values[j];
            values[j] = swapped;
        }
    }
}
