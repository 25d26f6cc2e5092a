package dev.sam2j.predictors.image;

import dev.sam2j.Sam2jException;

/** A picture that cannot be read or is refused; the message is one sentence that names the file and the reason. */
public final class PictureException extends Sam2jException {
    private static final long serialVersionUID = 1L;

    /** With a message for people. */
    public PictureException(String message) {
        super(message);
    }

    /** With a message for people and what led to it. */
    public PictureException(String message, Throwable cause) {
        super(message, cause);
    }
}
