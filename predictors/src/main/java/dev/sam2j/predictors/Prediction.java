package dev.sam2j.predictors;

import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * The answer to a prompt.
 *
 * @param masks one mask, or three alternatives in the model's order (which is not by score)
 */
public record Prediction(List<PredictedMask> masks) {
    /** Copies the list. */
    public Prediction {
        masks = List.copyOf(masks);
    }

    /** The mask of the highest score, the first of equals. */
    public PredictedMask best() {
        return Collections.max(masks, Comparator.comparingDouble(PredictedMask::score));
    }
}
