package dev.sam2j.predictors.model;

import dev.sam2j.predictors.ModelException;
import dev.sam2j.predictors.Sam2Model;
import java.util.Locale;

/**
 * Tells of results that are no numbers. Weights that are none are refused when they are read; but finite ones can be so
 * large, or so damaged, that what is computed from them overflows.
 */
public final class FiniteOutputs {
    private FiniteOutputs() {}

    /**
     * Checks what a model computed.
     *
     * @param what name of the values, for the message
     * @return the values
     * @throws ModelException if one is infinite or not a number
     */
    public static float[] require(Sam2Model model, String what, float... values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new ModelException("the model " + model.name() + " computed " + value + " as " + what
                        + ": its weights are damaged, or too large for precision "
                        + model.precision().name().toLowerCase(Locale.ROOT));
            }
        }
        return values;
    }
}
