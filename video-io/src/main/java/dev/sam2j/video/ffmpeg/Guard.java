package dev.sam2j.video.ffmpeg;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Keeps native memory to one thread at a time, and from everybody once it has been released: FFmpeg checks neither and
 * would end the process.
 */
public final class Guard {
    private final String name;
    private final AtomicReference<Thread> user = new AtomicReference<>();
    private volatile boolean closed;

    /** Guards an object that messages call {@code name}. */
    public Guard(String name) {
        this.name = name;
    }

    /** A time of use, until it is closed. */
    public interface Use extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Begins to use the object.
     *
     * @throws IllegalStateException if it has been closed, or another thread uses it
     */
    public Use enter() {
        begin("used");
        if (closed) {
            user.set(null);
            throw new IllegalStateException(name + ": already closed");
        }
        return () -> user.set(null);
    }

    /**
     * Releases the object, once only.
     *
     * @throws IllegalStateException if another thread uses it
     */
    public void close(Runnable release) {
        begin("closed");
        try {
            if (!closed) {
                closed = true;
                release.run();
            }
        } finally {
            user.set(null);
        }
    }

    private void begin(String what) {
        if (!user.compareAndSet(null, Thread.currentThread())) {
            throw new IllegalStateException(
                    name + " cannot be " + what + " now: another thread is using it, and one at a time can");
        }
    }
}
