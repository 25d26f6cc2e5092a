package dev.sam2j.weights;

import dev.sam2j.Sam2jException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A checkpoint that cannot be read, written or obtained. The message is one sentence that begins with the file's path.
 */
public final class CheckpointException extends Sam2jException {
    private static final long serialVersionUID = 1L;

    /** A problem with a file, as {@code file: problem}. */
    public CheckpointException(Path file, String problem) {
        this(file, problem, null);
    }

    /** A problem with a file and what caused it. */
    public CheckpointException(Path file, String problem, Throwable cause) {
        super(file + ": " + problem, cause);
    }

    /** A file that could not be written, whose name the cause's message begins with. */
    public CheckpointException(IOException cause) {
        super(cause.getMessage(), cause);
    }
}
