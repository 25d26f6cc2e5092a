package dev.sam2j.cuda.device;

import dev.sam2j.BackendException;
import dev.sam2j.cuda.driver.CudaDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Device memory for one purpose: few large allocations, cut into blocks. Blocks given back are used again, and an
 * allocation without blocks goes back to the device. Reuse needs no waiting, since all work runs in the order of one
 * stream.
 */
final class DeviceHeap {
    private static final long ALIGNMENT = 256;

    private final CudaDriver driver;
    private final String purpose;
    private final long chunkBytes;
    private final List<Chunk> chunks = new ArrayList<>();

    DeviceHeap(CudaDriver driver, String purpose, long chunkBytes) {
        this.driver = driver;
        this.purpose = purpose;
        this.chunkBytes = chunkBytes;
    }

    /** A part of an allocation, at a multiple of 256. */
    record Block(Chunk chunk, long offset, long bytes) {
        long address() {
            return chunk.address + offset;
        }
    }

    /** One allocation and its free ranges, offset to length. */
    static final class Chunk {
        private final long address;
        private final long bytes;
        private final TreeMap<Long, Long> free = new TreeMap<>();

        Chunk(long address, long bytes) {
            this.address = address;
            this.bytes = bytes;
            free.put(0L, bytes);
        }

        private Block take(long wanted) {
            for (Map.Entry<Long, Long> range : free.entrySet()) {
                long offset = range.getKey();
                long length = range.getValue();
                if (length >= wanted) {
                    free.remove(offset);
                    if (length > wanted) {
                        free.put(offset + wanted, length - wanted);
                    }
                    return new Block(this, offset, wanted);
                }
            }
            return null;
        }

        private void giveBack(long offset, long length) {
            Map.Entry<Long, Long> before = free.lowerEntry(offset);
            if (before != null && before.getKey() + before.getValue() == offset) {
                free.remove(before.getKey());
                giveBack(before.getKey(), before.getValue() + length);
                return;
            }
            Long after = free.remove(offset + length);
            free.put(offset, length + (after == null ? 0 : after));
        }

        private boolean unused() {
            return free.size() == 1 && free.firstEntry().getValue() == bytes;
        }
    }

    /**
     * Takes a block.
     *
     * @throws BackendException if the device has no room, with what was asked for and what there is
     */
    Block allocate(long bytes) {
        long wanted = (Math.max(bytes, 1) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        for (Chunk chunk : chunks) {
            Block block = chunk.take(wanted);
            if (block != null) {
                return block;
            }
        }
        long size = Math.max(wanted, chunkBytes);
        long address = driver.allocate(size);
        if (address == 0 && size > wanted) {
            size = wanted;
            address = driver.allocate(size);
        }
        if (address == 0) {
            long[] memory = driver.freeAndTotalBytes();
            throw new BackendException("cuda:" + driver.device().index() + ": no room for " + wanted + " bytes of "
                    + purpose + ", which hold " + held() + "; " + memory[0] + " of " + memory[1]
                    + " bytes of the device are free");
        }
        Chunk chunk = new Chunk(address, size);
        chunks.add(chunk);
        return chunk.take(wanted);
    }

    void free(Block block) {
        Chunk chunk = block.chunk;
        chunk.giveBack(block.offset, block.bytes);
        if (chunk.unused()) {
            chunks.remove(chunk);
            driver.free(chunk.address);
        }
    }

    /** Bytes held from the device. */
    long held() {
        return chunks.stream().mapToLong(chunk -> chunk.bytes).sum();
    }

    void close() {
        chunks.forEach(chunk -> driver.free(chunk.address));
        chunks.clear();
    }
}
