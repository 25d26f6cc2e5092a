package dev.sam2j.cli.terminal;

import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;

/**
 * How far something has come: a bar with rate and remaining time that is redrawn on a terminal, a plain line for every
 * tenth elsewhere.
 */
public final class ProgressLine {
    private static final int BAR = 24;
    private static final long REDRAW_NANOS = 100_000_000;

    private final Console console;
    private final String label;
    private final LongFunction<String> amount;
    private final LongSupplier clock;
    private DoubleFunction<String> rate;
    private long started;
    private long startedAt = -1;
    private long drawn;
    private int tenths;
    private boolean open;

    /**
     * A line that is not drawn yet.
     *
     * @param label what is being done
     * @param amount how to write a number of steps, for example as megabytes
     * @param clock nanoseconds
     */
    public ProgressLine(Console console, String label, LongFunction<String> amount, LongSupplier clock) {
        this.console = console;
        this.label = label;
        this.amount = amount;
        this.clock = clock;
        this.rate = steps -> amount.apply(Math.round(steps)) + "/s";
    }

    /** Counts frames, with fractions of frames per second. */
    public static ProgressLine frames(Console console, String label) {
        ProgressLine line = new ProgressLine(console, label, frames -> frames + " frames", System::nanoTime);
        line.rate = perSecond -> String.format(Locale.ROOT, perSecond < 10 ? "%.2f fps" : "%.0f fps", perSecond);
        return line;
    }

    /** Counts whole steps. */
    public static ProgressLine counting(Console console, String label) {
        return new ProgressLine(console, label, Long::toString, System::nanoTime);
    }

    /** Tells how much is done. */
    public void update(long done, long total) {
        long now = clock.getAsLong();
        if (startedAt < 0 || done < startedAt) {
            startedAt = done;
            started = now;
            drawn = now - REDRAW_NANOS;
            tenths = (int) (10 * done / Math.max(1, total));
        }
        if (console.terminal()) {
            if (now - drawn >= REDRAW_NANOS || done == total) {
                drawn = now;
                open = true;
                console.redraw(bar(done, total, now));
            }
        } else if (10 * done / Math.max(1, total) > tenths) {
            tenths = (int) (10 * done / total);
            console.say(label + ": " + 10 * tenths + " % of " + amount.apply(total));
        }
    }

    /** Leaves the line, so that the next message stands below it. */
    public void end() {
        if (open) {
            console.redraw("");
            open = false;
        }
    }

    private String bar(long done, long total, long now) {
        int filled = (int) (BAR * done / Math.max(1, total));
        return Console.PREFIX + label + " [" + "#".repeat(filled) + " ".repeat(BAR - filled) + "] "
                + 100 * done / Math.max(1, total) + " % of " + amount.apply(total) + speed(done, total, now);
    }

    /** Rate and remaining time, once they mean something. */
    private String speed(long done, long total, long now) {
        double seconds = (now - started) / 1e9;
        long gained = done - startedAt;
        if (seconds <= 0.5 || gained <= 0) {
            return "";
        }
        long left = Math.round(seconds / gained * (total - done));
        return String.format(Locale.ROOT, ", %s, %d:%02d left", rate.apply(gained / seconds), left / 60, left % 60);
    }
}
