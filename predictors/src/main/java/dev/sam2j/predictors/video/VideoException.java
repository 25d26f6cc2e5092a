package dev.sam2j.predictors.video;

import dev.sam2j.Sam2jException;

/** A video or a frame of it cannot be used; the message names it and says why. */
public final class VideoException extends Sam2jException {
    private static final long serialVersionUID = 1L;

    /** An exception with a message for people. */
    public VideoException(String message) {
        super(message);
    }

    /** An exception with a message for people and its cause. */
    public VideoException(String message, Throwable cause) {
        super(message, cause);
    }
}
