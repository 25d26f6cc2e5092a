package dev.sam2j.cli.terminal;

import dev.sam2j.Sam2jException;

/** A failure that the command found itself; the message is one sentence for people. */
public final class CliException extends Sam2jException {
    private static final long serialVersionUID = 1L;

    private final boolean usage;

    private CliException(String message, boolean usage, Throwable cause) {
        super(message, cause);
        this.usage = usage;
    }

    /** The command line asks for something that cannot be meant: exit code 2. */
    public static CliException usage(String message) {
        return new CliException(message, true, null);
    }

    /** What was asked for cannot be done: exit code 1. */
    public static CliException failure(String message, Throwable cause) {
        return new CliException(message, false, cause);
    }

    /** As {@link #failure(String, Throwable)}, where nothing else led to it. */
    public static CliException failure(String message) {
        return failure(message, null);
    }

    /** Something ended early; who is to blame for the cause is for this too. */
    public static CliException stopped(String message, Throwable cause) {
        return new CliException(message, Failures.isUsage(cause), cause);
    }

    /** Whether the command line is to blame. */
    boolean isUsage() {
        return usage;
    }
}
