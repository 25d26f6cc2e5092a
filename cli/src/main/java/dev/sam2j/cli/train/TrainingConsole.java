package dev.sam2j.cli.train;

import dev.sam2j.cli.terminal.Console;
import dev.sam2j.training.TrainingListener;
import dev.sam2j.training.ValidationScores;
import java.time.Duration;
import java.util.Locale;

/** Shows a run as it goes: messages, a line of progress, the scores of each epoch. */
final class TrainingConsole implements TrainingListener, AutoCloseable {
    /** Where progress is no redrawn line, it is told this often. */
    private static final long TELL_NANOS = Duration.ofSeconds(30).toNanos();

    private final Console console;
    private long told = System.nanoTime();

    TrainingConsole(Console console) {
        this.console = console;
    }

    @Override
    public void message(String sentence) {
        close();
        console.say(sentence);
    }

    @Override
    public void working(String what, int done, int all) {
        String text = what + ": " + done + " of " + all;
        if (done == all) {
            close();
        } else if (console.terminal()) {
            console.redraw(Console.PREFIX + text);
        } else if (System.nanoTime() - told > TELL_NANOS) {
            told = System.nanoTime();
            console.say(text);
        }
    }

    @Override
    public void step(long step, long steps, double loss, Duration remaining) {
        String text = String.format(
                Locale.ROOT,
                "step %d of %d, loss %.3f, %d:%02d:%02d left",
                step,
                steps,
                loss,
                remaining.toHours(),
                remaining.toMinutesPart(),
                remaining.toSecondsPart());
        if (console.terminal()) {
            console.redraw(Console.PREFIX + text);
        } else if (System.nanoTime() - told > TELL_NANOS || step == 1 || step == steps) {
            told = System.nanoTime();
            console.say(text);
        }
    }

    @Override
    public void validated(int epoch, ValidationScores scores, ValidationScores general, boolean best) {
        close();
        console.say((epoch == 0 ? "before: " : "epoch " + epoch + ": ")
                + TrainCommand.text(scores)
                + (best ? ", the best so far" : ""));
        if (general != null) {
            console.say("  what it knew: " + TrainCommand.text(general));
        }
    }

    /** Leaves the line of progress. */
    @Override
    public void close() {
        if (console.terminal()) {
            console.redraw("");
        }
    }
}
