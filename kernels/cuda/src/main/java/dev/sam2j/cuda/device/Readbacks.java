package dev.sam2j.cuda.device;

import dev.sam2j.cuda.device.StagingBuffers.Slot;
import dev.sam2j.cuda.driver.CudaDriver;
import dev.sam2j.tensor.Pending;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Page-locked memory for copies to the host that nobody waits for yet. Pieces are used again once their value has been
 * fetched; one that is never fetched stays taken until the end.
 */
public final class Readbacks {
    private static final long SMALLEST = 4096;
    /** Largest piece that is kept for the next copy. */
    private static final long LARGEST_KEPT = 8 << 20;

    private final CudaDriver driver;
    private final List<Slot> all = new ArrayList<>();
    private final Map<Long, Deque<Slot>> free = new HashMap<>();
    /** Threads that wait for a copy or read one, which they do without the lock of the device. */
    private int readers;

    Readbacks(CudaDriver driver) {
        this.driver = driver;
    }

    /**
     * Queues a copy to the host.
     *
     * @param device whose operations these are
     * @param read makes the value of the bytes from position 0 on; it must not keep them
     */
    public <T> Pending<T> copy(CudaDevice device, long address, long bytes, Function<ByteBuffer, T> read) {
        Slot buffer = take(bytes);
        try {
            driver.copyToHost(address, buffer.memory(), bytes);
            buffer.event().record();
        } catch (RuntimeException | Error e) {
            give(buffer);
            throw e;
        }
        return new Copy<>(device, buffer, read);
    }

    private Slot take(long bytes) {
        long size = Math.max(SMALLEST, Long.highestOneBit(2 * bytes - 1));
        Deque<Slot> fitting = free.computeIfAbsent(size, key -> new ArrayDeque<>());
        if (!fitting.isEmpty()) {
            return fitting.pop();
        }
        Slot buffer = Slot.of(driver, size);
        all.add(buffer);
        return buffer;
    }

    private void give(Slot buffer) {
        long bytes = buffer.memory().bytes().capacity();
        if (bytes <= LARGEST_KEPT) {
            free.get(bytes).push(buffer);
        } else {
            all.remove(buffer);
            buffer.close();
        }
    }

    private final class Copy<T> implements Pending<T> {
        private final CudaDevice device;
        private final Function<ByteBuffer, T> read;
        private Slot buffer;
        private T value;

        Copy(CudaDevice device, Slot buffer, Function<ByteBuffer, T> read) {
            this.device = device;
            this.buffer = buffer;
            this.read = read;
        }

        @Override
        public T get() {
            if (buffer != null) {
                device.locked(() -> {
                    device.graphs().refuse("waits for values");
                    readers++;
                });
                try {
                    buffer.event().await();
                    value = read.apply(buffer.memory().bytes().clear());
                    device.locked(() -> give(buffer));
                    buffer = null;
                } finally {
                    device.locked(() -> {
                        readers--;
                        device.changed().signalAll();
                    });
                }
            }
            return value;
        }
    }

    /** Waits, without holding the lock of the device, until nobody reads any more. */
    void awaitReaders(CudaDevice device) {
        while (readers > 0) {
            device.changed().awaitUninterruptibly();
        }
    }

    void close() {
        all.forEach(Slot::close);
        all.clear();
        free.clear();
    }
}
