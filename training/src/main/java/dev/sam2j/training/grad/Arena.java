package dev.sam2j.training.grad;

import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Memory for what a tape holds: float32 tensors that are freed in any order. Each takes the first gap that is large
 * enough, so equal sequences of requests get equal addresses. One thread at a time may use an arena.
 */
public final class Arena implements AutoCloseable {
    private static final long SMALLEST_BLOCK = 1 << 18;
    private static final long LARGEST_BLOCK = 1 << 26;
    private static final long ALIGNMENT = 64;

    private final Backend backend;
    private final List<Block> blocks = new ArrayList<>();
    private final Map<Storage, Block> owners = new HashMap<>();
    private long held;
    private long used;
    private long mostUsed;

    /** An empty arena that takes its blocks from {@code backend} when they are first needed. */
    public Arena(Backend backend) {
        this.backend = backend;
    }

    /** An uninitialised, contiguous tensor that stays until it is freed. */
    Tensor allocate(Shape shape) {
        long elements = (shape.elements() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        used += elements;
        mostUsed = Math.max(mostUsed, used);
        for (Block block : blocks) {
            long offset = block.take(elements);
            if (offset >= 0) {
                return Tensor.of(block.storage, offset, shape);
            }
        }
        // Few large blocks: a heap in regions leaves a part of one unused behind each array.
        long next = Math.min(Math.max(held / 8, SMALLEST_BLOCK), LARGEST_BLOCK);
        Block block = new Block(backend.allocate(DType.F32, Math.max(elements, next)));
        held += block.storage.elements();
        blocks.add(block);
        owners.put(block.storage, block);
        return Tensor.of(block.storage, block.take(elements), shape);
    }

    /** Gives back what {@link #allocate} returned. */
    void free(Tensor tensor) {
        used -= owners.get(tensor.storage()).give(tensor.offset());
    }

    /** Memory held, in bytes. */
    public long bytes() {
        return held * DType.F32.bytes();
    }

    /** Memory in use, in bytes. */
    long usedBytes() {
        return used * DType.F32.bytes();
    }

    /** The most memory that was in use at once, in bytes. */
    public long mostUsedBytes() {
        return mostUsed * DType.F32.bytes();
    }

    /** Frees the blocks. The arena is empty then and takes new ones if it is used again. */
    @Override
    public void close() {
        blocks.forEach(block -> block.storage.close());
        blocks.clear();
        owners.clear();
        held = 0;
        used = 0;
    }

    /** A piece of memory and what of it is in use. */
    private static final class Block {
        private final Storage storage;
        private final TreeMap<Long, Long> gaps = new TreeMap<>(); // offset to length
        private final Map<Long, Long> taken = new HashMap<>();

        Block(Storage storage) {
            this.storage = storage;
            gaps.put(0L, storage.elements());
        }

        /** The offset of so many elements, or -1 where no gap is as large. */
        long take(long elements) {
            for (Map.Entry<Long, Long> gap : gaps.entrySet()) {
                if (gap.getValue() >= elements) {
                    long offset = gap.getKey();
                    long rest = gap.getValue() - elements;
                    gaps.remove(offset);
                    if (rest > 0) {
                        gaps.put(offset + elements, rest);
                    }
                    taken.put(offset, elements);
                    return offset;
                }
            }
            return -1;
        }

        /** Frees what was taken at an offset and returns its length. */
        long give(long offset) {
            long length = taken.remove(offset);
            long from = offset;
            long joined = length;
            Map.Entry<Long, Long> before = gaps.lowerEntry(offset);
            if (before != null && before.getKey() + before.getValue() == offset) {
                from = before.getKey();
                joined += before.getValue();
            }
            Long after = gaps.remove(offset + length);
            gaps.put(from, after == null ? joined : joined + after);
            return length;
        }
    }
}
