package dev.sam2j.training;

import dev.sam2j.Sam2jException;

/** Training data that cannot be used, or a run that cannot go on; the message is one sentence that names the reason. */
public final class TrainingException extends Sam2jException {
    private static final long serialVersionUID = 1L;

    /** With a message for people. */
    public TrainingException(String message) {
        super(message);
    }

    /** With a message for people and what led to it. */
    public TrainingException(String message, Throwable cause) {
        super(message, cause);
    }
}
