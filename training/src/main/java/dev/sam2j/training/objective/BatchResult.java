package dev.sam2j.training.objective;

import java.util.List;

/**
 * What a batch came to.
 *
 * @param steps the first prediction and one for each correction
 */
public record BatchResult(List<StepLog> steps) {
    /** The sum of the losses of all steps. */
    public Losses losses() {
        return steps.stream().map(StepLog::losses).reduce(Losses.NONE, Losses::plus);
    }

    /** How often an object was called absent, over all steps. */
    public int absent() {
        int absent = 0;
        for (StepLog step : steps) {
            for (boolean present : step.present()) {
                absent += present ? 0 : 1;
            }
        }
        return absent;
    }
}
