package dev.sam2j.predictors;

import dev.sam2j.Sam2jException;

/** A prompt that cannot be meant: its message says what was expected and what was given. */
public final class PromptException extends Sam2jException {
    private static final long serialVersionUID = 1L;

    /** An exception with a message for people. */
    public PromptException(String message) {
        super(message);
    }
}
