package dev.sam2j.cli;

/** Measures one time after another. */
final class Stopwatch {
    private long last = System.nanoTime();

    /** Milliseconds since the last call, or since the stopwatch was made. */
    double lap() {
        long now = System.nanoTime();
        double milliseconds = (now - last) / 1e6;
        last = now;
        return milliseconds;
    }
}
