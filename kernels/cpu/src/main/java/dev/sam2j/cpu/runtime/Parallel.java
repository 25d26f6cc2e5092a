package dev.sam2j.cpu.runtime;

import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Fork-join over an index range with a fixed set of threads. The calling thread takes part, so one thread means no pool
 * at all. Any number of threads may call at the same time; their ranges share the workers. Idle workers spin for a
 * moment before they park, because ranges follow each other within microseconds while a model runs.
 */
public final class Parallel implements AutoCloseable {
    private static final long SPIN_NANOS = 50_000;

    /** The work for one index. Bodies for different indices run in any order and at the same time. */
    @FunctionalInterface
    public interface Body {
        /**
         * Does the work.
         *
         * @param index 0 to n-1
         * @param scratch temporary arrays that no other thread touches during this call
         */
        void run(int index, Scratch scratch);
    }

    /** The work for the indices from {@code from} (inclusive) to {@code to} (exclusive). */
    @FunctionalInterface
    public interface RangeBody {
        /** Does the work, see {@link Body#run}. */
        void run(int from, int to, Scratch scratch);
    }

    private final Worker[] workers;
    private final ConcurrentLinkedQueue<Job> jobs = new ConcurrentLinkedQueue<>();
    private final ArrayDeque<Scratch> callerScratch = new ArrayDeque<>();
    private volatile Thread awaited;
    private volatile boolean closed;

    /**
     * Starts {@code threads - 1} daemon threads.
     *
     * @throws IllegalArgumentException if {@code threads} is below 1
     */
    public Parallel(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: expected at least 1, got " + threads);
        }
        workers = new Worker[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker("sam2j-worker-" + (i + 1));
            workers[i].start();
        }
    }

    /** Lets the first calls wait until {@code thread} has ended. */
    public void waitFor(Thread thread) {
        awaited = thread;
    }

    /** Number of threads that work on one call, the caller included. */
    public int threads() {
        return workers.length + 1;
    }

    /**
     * Runs {@code body} once for each index from 0 to {@code n - 1} and returns when all are done. If a body throws,
     * indices not yet started are skipped and the first exception is rethrown here. A body may itself call this method.
     *
     * @throws IllegalStateException after {@link #close}
     */
    public void forEach(int n, Body body) {
        if (closed) {
            throw new IllegalStateException("cpu: the backend has been closed");
        }
        Thread first = awaited; // another caller may forget it meanwhile
        if (first != null) {
            await(first);
            awaited = null;
        }
        Scratch scratch = borrowScratch();
        try {
            if (n <= 1 || workers.length == 0) {
                for (int i = 0; i < n; i++) {
                    body.run(i, scratch);
                }
            } else {
                forkJoin(new Job(n, body, Thread.currentThread()), scratch);
            }
        } finally {
            returnScratch(scratch);
        }
    }

    /**
     * Cuts 0 to {@code n - 1} into pieces of {@code grain} indices (the last may be shorter) and runs {@code body} for
     * each piece, otherwise like {@link #forEach}.
     */
    public void forRange(int n, int grain, RangeBody body) {
        int pieces = (int) (((long) n + grain - 1) / grain);
        forEach(pieces, (piece, scratch) -> {
            int from = piece * grain;
            body.run(from, Math.min(n - from, grain) + from, scratch);
        });
    }

    private static void await(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void forkJoin(Job job, Scratch scratch) {
        jobs.add(job);
        int helpers = Math.min(job.n - 1, workers.length);
        for (Worker worker : workers) {
            if (worker.parked && helpers-- > 0) {
                LockSupport.unpark(worker);
            }
        }
        job.work(scratch);
        jobs.remove(job);
        job.await();
        if (job.failure instanceof Error error) {
            throw error;
        }
        if (job.failure != null) {
            throw (RuntimeException) job.failure;
        }
    }

    private Scratch borrowScratch() {
        synchronized (callerScratch) {
            Scratch scratch = callerScratch.pollLast();
            return scratch != null ? scratch : new Scratch();
        }
    }

    private void returnScratch(Scratch scratch) {
        synchronized (callerScratch) {
            callerScratch.addLast(scratch);
        }
    }

    /** Ends the threads once they have finished what they are doing. Closing twice has no effect. */
    @Override
    public void close() {
        closed = true;
        for (Worker worker : workers) {
            LockSupport.unpark(worker);
            await(worker);
        }
    }

    /** One call: indices are claimed from {@code next}; the last to finish wakes the caller. */
    private static final class Job {
        final int n;
        final Body body;
        final Thread caller;
        final AtomicInteger next = new AtomicInteger();
        final AtomicInteger unfinished;
        volatile Throwable failure;

        Job(int n, Body body, Thread caller) {
            this.n = n;
            this.body = body;
            this.caller = caller;
            this.unfinished = new AtomicInteger(n);
        }

        boolean exhausted() {
            return next.get() >= n;
        }

        void work(Scratch scratch) {
            while (!exhausted()) {
                int index = next.getAndIncrement();
                if (index >= n) {
                    return;
                }
                try {
                    if (failure == null) {
                        body.run(index, scratch);
                    }
                } catch (Throwable t) {
                    failure = t;
                } finally {
                    if (unfinished.decrementAndGet() == 0 && Thread.currentThread() != caller) {
                        LockSupport.unpark(caller);
                    }
                }
            }
        }

        void await() {
            long deadline = System.nanoTime() + SPIN_NANOS;
            while (unfinished.get() > 0) {
                if (System.nanoTime() < deadline) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.park(this);
                }
            }
        }
    }

    private final class Worker extends Thread {
        private final Scratch scratch = new Scratch();
        private volatile boolean parked;

        Worker(String name) {
            super(name);
            setDaemon(true);
        }

        @Override
        public void run() {
            long deadline = System.nanoTime() + SPIN_NANOS;
            while (!closed) {
                Job job = jobs.peek();
                if (job != null) {
                    job.work(scratch);
                    jobs.remove(job);
                    deadline = System.nanoTime() + SPIN_NANOS;
                } else if (System.nanoTime() < deadline) {
                    Thread.onSpinWait();
                } else {
                    parked = true;
                    if (jobs.isEmpty() && !closed) {
                        LockSupport.park(Parallel.this);
                    }
                    parked = false;
                }
            }
        }
    }
}
