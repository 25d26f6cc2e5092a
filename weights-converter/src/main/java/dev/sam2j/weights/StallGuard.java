package dev.sam2j.weights;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * Closes a stream whose reader has not got on for a while; the HTTP client's own timeout ends with the response's
 * headers.
 */
final class StallGuard implements AutoCloseable {
    private final InputStream stream;
    private final long limitNanos;
    private final Thread watcher;
    private volatile long lastProgress = System.nanoTime();
    private volatile boolean fired;

    StallGuard(InputStream stream, Duration limit) {
        this.stream = stream;
        this.limitNanos = limit.toNanos();
        this.watcher = new Thread(this::watch, "sam2j-download-guard");
        watcher.setDaemon(true);
        watcher.start();
    }

    private void watch() {
        try {
            long idle = 0;
            while (idle < limitNanos) {
                Thread.sleep(Math.max(1, (limitNanos - idle) / 1_000_000));
                idle = System.nanoTime() - lastProgress;
            }
            fired = true;
            stream.close();
        } catch (InterruptedException e) {
            // the guard was closed
        } catch (IOException e) {
            // the reader hears of it
        }
    }

    /** Says that data came. */
    void touch() {
        lastProgress = System.nanoTime();
    }

    /** Whether the stream was closed for stalling. */
    boolean fired() {
        return fired;
    }

    @Override
    public void close() {
        watcher.interrupt();
    }
}
