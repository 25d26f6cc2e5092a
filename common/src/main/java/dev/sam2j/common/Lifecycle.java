package dev.sam2j.common;

import java.util.HashMap;
import java.util.Map;

/**
 * Whether something closeable is open, and which threads use it at present. What one thread at a time may use is
 * {@link #exclusive}: a second thread is refused, also if it wants to close it. What any number of threads may use is
 * {@link #shared}: closing it refuses new uses and waits for those in progress. A thread may use again what it is using
 * already, as listeners do.
 *
 * <pre>{@code
 * try (Lifecycle.Use use = lifecycle.use()) {
 *     // it stays open here
 * }
 * }</pre>
 */
public final class Lifecycle {
    private final String name;
    private final boolean exclusive;
    private final Lifecycle needed;
    /** How often each thread uses it at present. */
    private final Map<Thread, Integer> users = new HashMap<>();

    private final Use use = this::leave;
    private boolean closed;

    private Lifecycle(String name, boolean exclusive, Lifecycle needed) {
        this.name = name;
        this.exclusive = exclusive;
        this.needed = needed;
    }

    /**
     * Of something that one thread at a time may use.
     *
     * @param name as sentences begin, "the session" for example
     * @param needed what must be open while it is used, or null
     */
    public static Lifecycle exclusive(String name, Lifecycle needed) {
        return new Lifecycle(name, true, needed);
    }

    /** Of something that any number of threads may use; the parameters are those of {@link #exclusive}. */
    public static Lifecycle shared(String name, Lifecycle needed) {
        return new Lifecycle(name, false, needed);
    }

    /** The time of a use, which ends when this is closed. */
    public interface Use extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Begins a use by this thread, which must end it.
     *
     * @throws IllegalStateException if it, or what it needs, has been closed, or if another thread uses it and only one
     *     may
     */
    public Use use() {
        enter();
        try {
            if (needed != null) {
                needed.use();
            }
        } catch (RuntimeException e) {
            exit();
            throw e;
        }
        return use;
    }

    private void leave() {
        if (needed != null) {
            needed.leave();
        }
        exit();
    }

    private synchronized void enter() {
        Thread thread = Thread.currentThread();
        if (!users.containsKey(thread)) {
            if (closed) {
                throw new IllegalStateException(name + " has been closed");
            }
            if (exclusive && !users.isEmpty()) {
                throw new IllegalStateException(
                        name + " is in use by thread " + user() + ", and only one thread at a time may use it");
            }
        }
        users.merge(thread, 1, Integer::sum);
    }

    private synchronized void exit() {
        users.computeIfPresent(Thread.currentThread(), (thread, times) -> times == 1 ? null : times - 1);
        notifyAll();
    }

    private String user() {
        return users.keySet().iterator().next().getName();
    }

    /**
     * Ends all use. Uses of other threads that are in progress end first if they may be several.
     *
     * @return whether it was open until now: its resources are then to be freed
     * @throws IllegalStateException if it is in use by this thread, or by another one and only one may use it
     */
    public synchronized boolean close() {
        if (closed) {
            return false;
        }
        if (users.containsKey(Thread.currentThread())) {
            throw new IllegalStateException(name + " cannot be closed from within its own work");
        }
        if (exclusive && !users.isEmpty()) {
            throw new IllegalStateException(
                    name + " is in use by thread " + user() + " and cannot be closed before that is done");
        }
        closed = true;
        awaitUsers();
        return true;
    }

    private void awaitUsers() {
        boolean interrupted = false;
        while (!users.isEmpty()) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
