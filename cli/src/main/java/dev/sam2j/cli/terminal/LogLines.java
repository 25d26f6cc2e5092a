package dev.sam2j.cli.terminal;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/**
 * Shows what the library logs as messages of the command, one line each, in place of the two lines with dates and class
 * names that Java prints by default.
 */
final class LogLines extends Handler implements AutoCloseable {
    private final Terminal err;
    private final boolean traces;
    private final SimpleFormatter formatter = new SimpleFormatter();
    private final Logger root = Logger.getLogger("");
    // Held here, since the log manager itself holds loggers weakly and would forget the level.
    private final Logger library = Logger.getLogger("dev.sam2j");
    private final Handler[] replaced = root.getHandlers();

    private LogLines(Terminal err, boolean traces) {
        this.err = err;
        this.traces = traces;
    }

    /** Takes the place of all handlers until closed. */
    static LogLines install(Terminal err, boolean quiet, boolean debug) {
        LogLines lines = new LogLines(err, debug);
        for (Handler handler : lines.replaced) {
            lines.root.removeHandler(handler);
        }
        lines.root.addHandler(lines);
        lines.library.setLevel(debug ? Level.ALL : quiet ? Level.WARNING : Level.INFO);
        lines.setLevel(Level.ALL);
        return lines;
    }

    @Override
    public void publish(LogRecord entry) {
        boolean ours = String.valueOf(entry.getLoggerName()).startsWith("dev.sam2j");
        if (ours || entry.getLevel().intValue() >= Level.WARNING.intValue()) {
            err.line(Console.PREFIX + formatter.formatMessage(entry));
            if (traces && entry.getThrown() != null) {
                entry.getThrown().printStackTrace(err);
            }
            err.flush();
        }
    }

    @Override
    public void flush() {
        err.flush();
    }

    @Override
    public void close() {
        root.removeHandler(this);
        for (Handler handler : replaced) {
            root.addHandler(handler);
        }
        library.setLevel(null);
    }
}
