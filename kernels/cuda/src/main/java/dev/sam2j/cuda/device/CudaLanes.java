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
 * Chooses the lane of each operation: the main one, except for a thread inside a fork, whose work goes aside. All but
 * forks and joins is called under the lock of the device.
 */
public final class CudaLanes {
    private final CudaDevice device;
    private final Function<CudaDriver.Lane, CudaLane> maker;
    private final Map<CudaDriver.Lane, CudaLane> lanes = new EnumMap<>(CudaDriver.Lane.class);
    /** Held by the thread inside a fork. */
    private final ReentrantLock forking = new ReentrantLock();
    /** Memory given back while work that may use it runs aside. */
    private final List<Runnable> givenBack = new ArrayList<>();

    /** How often memory has been given back. */
    private long returns;

    private CudaLane selected;
    private volatile Thread forked;
    /** Whether the main lane waits for everything that has been queued aside. */
    private boolean joined = true;

    CudaLanes(CudaDevice device, Function<CudaDriver.Lane, CudaLane> maker) {
        this.device = device;
        this.maker = maker;
    }

    /** Selects the lane for an operation of the current thread. */
    void select() {
        select(Thread.currentThread() == forked ? CudaDriver.Lane.ASIDE : CudaDriver.Lane.MAIN);
    }

    private void select(CudaDriver.Lane lane) {
        device.driver().select(lane);
        selected = lanes.get(lane);
        if (selected == null) {
            selected = maker.apply(lane);
            lanes.put(lane, selected);
        }
    }

    /** The lane of the operation in progress. */
    CudaLane selected() {
        return selected;
    }

    /** Whether any work has ever gone aside. */
    boolean hasForked() {
        return lanes.containsKey(CudaDriver.Lane.ASIDE);
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

    /** Whether this thread's work is aside already, or being recorded. */
    private boolean inside() {
        return forking.isHeldByCurrentThread() || device.get(device.graphs()::recording);
    }

    /** Queues the operations of {@code body} aside, after everything queued before the mark of the main lane. */
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
        CudaLane main = selected;
        if (point != returns) {
            main.mark().record(); // memory given back since then may still be in use
        }
        select(CudaDriver.Lane.ASIDE);
        main.mark().hold();
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
            device.graphs().refuse("joins work that runs aside");
            if (!joined) {
                lanes.get(CudaDriver.Lane.ASIDE).mark().hold();
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
        lanes.values().forEach(lane -> lane.mark().close());
        lanes.clear();
    }
}
