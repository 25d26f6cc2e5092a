package dev.sam2j.cli.terminal;

import picocli.CommandLine.Model.CommandSpec;

/** Where a command speaks: results go to stdout, messages and progress to stderr. */
public final class Console {
    /** What every message begins with. */
    public static final String PREFIX = "sam2j: ";

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
    public static Console of(CommandSpec spec) {
        Streams streams = (Streams) spec.root().userObject();
        return new Console(streams.out(), streams.err(), streams.quiet(), Boolean.getBoolean(TERMINAL));
    }

    /** Tells something on stderr. */
    public void say(String message) {
        if (!quiet) {
            err.line(PREFIX + message);
        }
    }

    /** Tells how many of all pictures something is true of, unless it is none. */
    public void count(long pictures, int all, String what) {
        if (pictures > 0) {
            say(pictures + " of " + all + " pictures " + what);
        }
    }

    /** Prints a line of a result on stdout. */
    public void print(String line) {
        out.line(line);
    }

    /** Prints a result on stdout; the text holds nothing that a terminal would obey. */
    public void printJson(String text) {
        out.println(text);
        out.flush();
    }

    /** Whether a line on stderr can be redrawn. */
    public boolean terminal() {
        return terminal;
    }

    /** Draws over the current line of the terminal and stays on it. */
    public void redraw(String line) {
        if (!quiet) {
            err.redraw(line);
        }
    }
}
