package dev.sam2j;

/**
 * What SAM2J cannot do, in a sentence for people. Every exception that it declares extends this one; besides them only
 * {@link java.io.UncheckedIOException} and the exceptions of the Java library for wrong use of a method are thrown.
 */
public abstract class Sam2jException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message what was wrong, what was expected, and where */
    protected Sam2jException(String message) {
        super(message);
    }

    /**
     * @param message what was wrong, what was expected, and where
     * @param cause the failure behind it
     */
    protected Sam2jException(String message, Throwable cause) {
        super(message, cause);
    }
}
