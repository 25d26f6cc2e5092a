package dev.sam2j.predictors;

/** A prompt that cannot be meant: its message says what was expected and what was given. */
public final class PromptException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** An exception with a message for people. */
    public PromptException(String message) {
        super(message);
    }
}
