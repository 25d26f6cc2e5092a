package dev.sam2j.cuda.device;

import dev.sam2j.cuda.driver.CudaDriver;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.IntStream;

/**
 * Copies between host and device through a ring of page-locked pieces: while the device copies one, the host fills or
 * empties another.
 */
public final class StagingBuffers {
    /** What one processor copies at a time, a multiple of every element. */
    private static final int CHUNK_BYTES = 256 << 10;

    private final CudaDriver driver;
    private final Slot[] slots;
    private final int slotBytes;
    private int next;

    /** A piece of memory and the event that says when the device is done with it. */
    record Slot(CudaDriver.HostMemory memory, CudaDriver.Event event) {
        static Slot of(CudaDriver driver, long bytes) {
            CudaDriver.HostMemory memory = driver.allocateHost(bytes);
            try {
                return new Slot(memory, driver.createEvent());
            } catch (RuntimeException | Error e) {
                memory.close();
                throw e;
            }
        }

        void close() {
            event.close();
            memory.close();
        }
    }

    /**
     * Fills, or empties, {@code bytes} at position 0 with what belongs at {@code offset} bytes of the whole; several
     * threads may fill parts at the same time.
     */
    public interface Part {
        /** Moves bytes. */
        void move(ByteBuffer memory, long offset, int bytes);
    }

    StagingBuffers(CudaDriver driver, int count, int slotBytes) {
        this.driver = driver;
        this.slotBytes = slotBytes;
        slots = new Slot[count];
        try {
            for (int i = 0; i < count; i++) {
                slots[i] = Slot.of(driver, slotBytes);
            }
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private Slot take() {
        Slot slot = slots[next];
        next = (next + 1) % slots.length;
        return slot;
    }

    /** Copies to the device; returns when the source has been read. */
    public void upload(long address, long bytes, Part source) {
        for (long offset = 0; offset < bytes; offset += slotBytes) {
            int length = (int) Math.min(slotBytes, bytes - offset);
            Slot slot = take();
            slot.event.await();
            fill(slot.memory.bytes().clear(), offset, length, source);
            driver.copyToDevice(slot.memory, address + offset, length);
            slot.event.record();
        }
    }

    /** One processor copies more slowly than the device, so large pieces are filled by several. */
    private static void fill(ByteBuffer memory, long offset, int length, Part source) {
        int chunks = (length + CHUNK_BYTES - 1) / CHUNK_BYTES;
        if (chunks == 1) {
            source.move(memory, offset, length);
            return;
        }
        IntStream.range(0, chunks).parallel().forEach(chunk -> {
            int from = chunk * CHUNK_BYTES;
            int bytes = Math.min(CHUNK_BYTES, length - from);
            source.move(memory.slice(from, bytes).order(ByteOrder.nativeOrder()), offset + from, bytes);
        });
    }

    /** Copies to the host; returns when everything is there. */
    public void download(long address, long bytes, Part destination) {
        int parts = (int) ((bytes + slotBytes - 1) / slotBytes);
        Slot[] taken = new Slot[parts];
        for (int i = 0; i < parts + slots.length - 1; i++) {
            if (i < parts) {
                taken[i] = take();
                long offset = (long) i * slotBytes;
                driver.copyToHost(address + offset, taken[i].memory, Math.min(slotBytes, bytes - offset));
                taken[i].event.record();
            }
            int ready = i - slots.length + 1;
            if (ready >= 0) {
                long offset = (long) ready * slotBytes;
                taken[ready].event.await();
                destination.move(
                        taken[ready].memory.bytes().clear(), offset, (int) Math.min(slotBytes, bytes - offset));
            }
        }
    }

    /** Bytes of page-locked memory. */
    long bytes() {
        return (long) slots.length * slotBytes;
    }

    void close() {
        for (int i = 0; i < slots.length; i++) {
            if (slots[i] != null) {
                slots[i].close();
                slots[i] = null;
            }
        }
    }
}
