package dev.sam2j.cuda.device;

import dev.sam2j.cuda.driver.CudaDriver;
import dev.sam2j.tensor.Branch;
import dev.sam2j.tensor.ForkPoint;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Chooses the stream of each operation: the main one, except for a thread inside a fork, whose work goes to the side
 * stream. All but forks and joins is called under the lock of the device.
 */
public final class CudaStreams {
    private final CudaDevice device;
    private final Function<CudaDriver.Stream, CudaStream> maker;
    private final Map<CudaDriver.Stream, CudaStream> streams = new EnumMap<>(CudaDriver.Stream.class);
    /** Held by the thread inside a fork. */
    private final ReentrantLock forking = new ReentrantLock();
    /** Memory given back while work on the side stream may use it. */
    private final List<Runnable> givenBack = new ArrayList<>();

    /** How often memory has been given back. */
    private long returns;

    private CudaStream selected;
    private volatile Thread forked;
    /** Whether the main stream waits for everything that has been queued on the side stream. */
    private boolean joined = true;

    CudaStreams(CudaDevice device, Function<CudaDriver.Stream, CudaStream> maker) {
        this.device = device;
        this.maker = maker;
    }

    /** Selects the stream for an operation of the current thread. */
    void select() {
        select(Thread.currentThread() == forked ? CudaDriver.Stream.SIDE : CudaDriver.Stream.MAIN);
    }

    private void select(CudaDriver.Stream stream) {
        device.driver().select(stream);
        selected = streams.get(stream);
        if (selected == null) {
            selected = maker.apply(stream);
            streams.put(stream, selected);
        }
    }

    /** The stream of the operation in progress. */
    CudaStream selected() {
        return selected;
    }

    /** Whether the side stream has ever had work. */
    boolean hasForked() {
        return streams.containsKey(CudaDriver.Stream.SIDE);
    }

    /** A place after everything queued so far. */
    public ForkPoint forkPoint() {
        if (inside()) {
            return ForkPoint.NO_FORK;
        }
        long point = device.get(() -> {
            selected.mark().record();
            return returns;
        });
        return body -> fork(point, body);
    }

    /** Whether this thread is inside a fork already, or being recorded. */
    private boolean inside() {
        return forking.isHeldByCurrentThread() || device.get(device.graphs()::recording);
    }

    /** Queues the operations of {@code body} on the side stream, after what came before the mark of the main one. */
    private Branch fork(long point, Runnable body) {
        if (inside()) {
            return ForkPoint.NO_FORK.fork(body);
        }
        forking.lock();
        try {
            device.run(() -> begin(point));
            try {
                body.run();
            } finally {
                end();
            }
        } catch (RuntimeException | Error e) {
            abandon(e);
            throw e;
        } finally {
            forking.unlock();
        }
        return this::join;
    }

    private void abandon(Throwable reason) {
        try {
            join();
        } catch (RuntimeException e) {
            reason.addSuppressed(e);
        }
    }

    private void begin(long point) {
        CudaStream main = selected;
        if (point != returns) {
            main.mark().record(); // memory given back since then may still be in use
        }
        select(CudaDriver.Stream.SIDE);
        main.mark().streamWait();
        forked = Thread.currentThread();
        joined = false;
    }

    private void end() {
        try {
            device.run(() -> selected.mark().record());
        } finally {
            forked = null;
        }
    }

    private void join() {
        device.unlessClosed(() -> {
            device.graphs().refuse("joins a side stream");
            if (!joined) {
                streams.get(CudaDriver.Stream.SIDE).mark().streamWait();
                joined = forked == null;
            }
            if (joined) {
                givenBack.forEach(Runnable::run);
                givenBack.clear();
            }
        });
    }

    /**
     * Gives memory back, now or when work that may use it has been joined: until then, what takes it again would not be
     * in order with that work.
     */
    void giveBack(Runnable free) {
        returns++;
        if (joined) {
            free.run();
        } else {
            givenBack.add(free);
        }
    }

    void close() {
        streams.values().forEach(stream -> stream.mark().close());
        streams.clear();
    }
}
