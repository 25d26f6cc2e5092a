package dev.sam2j.predictors;

import dev.sam2j.Sam2jException;

/** A model cannot be found from what was asked for, or computes no numbers. */
public final class ModelException extends Sam2jException {
    private static final long serialVersionUID = 1L;

    /** An exception with a message for people. */
    public ModelException(String message) {
        super(message);
    }
}
