package dev.sam2j.cuda.device;

import java.util.ArrayList;
import java.util.List;

/**
 * Memory for intermediate results of one operation, all of it free again when the next begins: the stream's order
 * keeps them apart. Memory once taken stays where it is, so recorded work may refer to it.
 */
final class Scratch {
    private static final long ALIGNMENT = 256;

    private final DeviceHeap heap;
    private final long minimum;
    private final Runnable beforeGrowth;
    private final List<DeviceHeap.Block> blocks = new ArrayList<>();
    private int block;
    private long used;

    /**
     * Scratch memory from {@code heap}, at least {@code minimum} bytes at a time; {@code beforeGrowth} runs, and may
     * throw, before more is taken from it.
     */
    Scratch(DeviceHeap heap, long minimum, Runnable beforeGrowth) {
        this.heap = heap;
        this.minimum = minimum;
        this.beforeGrowth = beforeGrowth;
    }

    /** Address of uninitialised memory, a multiple of 256. */
    long take(long bytes) {
        while (block < blocks.size() && blocks.get(block).bytes() - used < bytes) {
            block++;
            used = 0;
        }
        if (block == blocks.size()) {
            beforeGrowth.run();
            blocks.add(heap.allocate(Math.max(bytes, minimum)));
            used = 0;
        }
        long address = blocks.get(block).address() + used;
        used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        return address;
    }

    void reset() {
        block = 0;
        used = 0;
    }
}
