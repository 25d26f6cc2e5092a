package dev.sam2j.cuda.ptx.interpreter;

/** What went wrong in one instruction; the warp adds where. */
final class Fault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Fault(String message) {
        super(message, null, false, false);
    }
}
