package dev.sam2j.training;

import java.time.Duration;

/** Hears of the progress of a run, on the thread that trains. */
public interface TrainingListener {
    /** Hears nothing. */
    TrainingListener NONE = new TrainingListener() {};

    /** A sentence about the data, the plan, or something that went wrong and was got over. */
    default void message(String sentence) {}

    /**
     * Pictures are being read, encoded or scored, before the first step or between epochs.
     *
     * @param what is done, for example {@code validation}
     */
    default void working(String what, int done, int all) {}

    /**
     * A step of the optimiser.
     *
     * @param step from 1
     * @param steps of the whole run
     * @param loss of this step
     * @param remaining at the pace so far, without validations
     */
    default void step(long step, long steps, double loss, Duration remaining) {}

    /**
     * A validation.
     *
     * @param epoch from 1; 0 for the weights before
     * @param scores on the validation pictures
     * @param general on the pictures whose skill is to be kept, or null
     * @param best whether these are the best weights so far
     */
    default void validated(int epoch, ValidationScores scores, ValidationScores general, boolean best) {}

    /** Whether the run is to stop after this step, as if it had come to its end; asked after each. */
    default boolean isStopped() {
        return false;
    }
}
