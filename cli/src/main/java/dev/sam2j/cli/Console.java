package dev.sam2j.cli;

import picocli.CommandLine.Model.CommandSpec;

/** Where a command speaks: results go to stdout, messages and progress to stderr. */
final class Console {
    /** What every message begins with. */
    static final String PREFIX = "sam2j: ";

    /** System property by which the launcher tells whether stderr is a terminal; Java itself cannot find out. */
    private static final String TERMINAL = "sam2j.terminal";

    private final Terminal out;
    private final Terminal err;
    private final boolean quiet;
    private final boolean terminal;

    Console(Terminal out, Terminal err, boolean quiet, boolean terminal) {
        this.out = out;
        this.err = err;
        this.quiet = quiet;
        this.terminal = terminal;
    }

    /** The console of a running command. */
    static Console of(CommandSpec spec) {
        Main main = (Main) spec.root().userObject();
        return new Console(main.out(), main.err(), main.quiet(), Boolean.getBoolean(TERMINAL));
    }

    /** Tells something on stderr. */
    void say(String message) {
        if (!quiet) {
            err.line(PREFIX + message);
        }
    }

    /** Prints a line of a result on stdout. */
    void print(String line) {
        out.line(line);
    }

    /** Prints a result on stdout; the text is that of {@link Json}. */
    void printJson(String text) {
        out.println(text);
        out.flush();
    }

    /** Whether a line on stderr can be redrawn. */
    boolean terminal() {
        return terminal;
    }

    /** Draws over the current line of the terminal and stays on it. */
    void redraw(String line) {
        if (!quiet) {
            err.redraw(line);
        }
    }
}
