package dev.sam2j.cuda.ptx.interpreter;

/** PTX that cannot be read, or an execution that a GPU would not define. The message names kernel, line and thread. */
public final class PtxException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PtxException(String message) {
        super(message);
    }

    PtxException(String message, Throwable cause) {
        super(message, cause);
    }
}
