package dev.sam2j.cli.terminal;

/** Measures one time after another. */
public final class Stopwatch {
    private long last = System.nanoTime();

    /** Milliseconds since the last call, or since the stopwatch was made. */
    public double lap() {
        long now = System.nanoTime();
        double milliseconds = (now - last) / 1e6;
        last = now;
        return milliseconds;
    }
}
