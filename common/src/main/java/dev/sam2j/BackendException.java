package dev.sam2j;

/** A device cannot be used as asked; the message says why. */
public final class BackendException extends Sam2jException {
    private static final long serialVersionUID = 1L;

    /** An exception with a message for people. */
    public BackendException(String message) {
        super(message);
    }

    /** An exception with a message for people and what brought it about. */
    public BackendException(String message, Throwable cause) {
        super(message, cause);
    }
}
