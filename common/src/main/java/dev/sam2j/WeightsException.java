package dev.sam2j;

/** A checkpoint does not hold what a model needs. */
public final class WeightsException extends Sam2jException {
    private static final long serialVersionUID = 1L;

    /** An exception with a message for people. */
    public WeightsException(String message) {
        super(message);
    }
}
