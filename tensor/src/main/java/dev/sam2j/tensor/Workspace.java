package dev.sam2j.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * Memory for activations: a stack of blocks from which tensors are taken by moving a mark, and to which they return
 * when the {@link Frame} they were taken in closes. The same sequence of requests gets the same addresses every time.
 * One thread at a time may use a workspace.
 */
public final class Workspace implements AutoCloseable {
    private static final long BLOCK_ELEMENTS = 1 << 22;
    private static final long MOST_RESERVED = 1L << 30;
    private static final long ALIGNMENT = 64;

    private final Backend backend;
    private final List<Storage> blocks = new ArrayList<>();
    private int block;
    private long used;

    /** An empty workspace that takes its blocks from {@code backend} when they are first needed. */
    public Workspace(Backend backend) {
        this.backend = backend;
    }

    /**
     * Takes one block of {@code elements} for everything that is to come, so that no room is lost at the ends of
     * several smaller ones. Has no effect once the workspace has memory, or where a block cannot be as large.
     */
    public void reserve(long elements) {
        if (blocks.isEmpty() && elements > 0 && elements <= MOST_RESERVED) {
            blocks.add(backend.allocate(DType.F32, elements));
        }
    }

    /** Opens a frame: tensors allocated from now on are released when it closes. Frames close in reverse order. */
    public Frame frame() {
        return new Frame(block, used);
    }

    /** An uninitialised, contiguous float32 tensor that lives until the current frame closes. */
    public Tensor allocate(Shape shape) {
        long elements = shape.elements();
        while (block < blocks.size() && blocks.get(block).elements() - used < elements) {
            block++;
            used = 0;
        }
        if (block == blocks.size()) {
            blocks.add(backend.allocate(DType.F32, Math.max(elements, BLOCK_ELEMENTS)));
            used = 0;
        }
        Tensor tensor = Tensor.of(blocks.get(block), used, shape);
        used = Math.min(
                (used + elements + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT,
                blocks.get(block).elements());
        return tensor;
    }

    /** Memory held, in bytes. */
    public long bytes() {
        long total = 0;
        for (Storage storage : blocks) {
            total += storage.elements() * storage.dtype().bytes();
        }
        return total;
    }

    @Override
    public void close() {
        blocks.forEach(Storage::close);
        blocks.clear();
        block = 0;
        used = 0;
    }

    /** A level of the stack. */
    public final class Frame implements AutoCloseable {
        private final int savedBlock;
        private final long savedUsed;

        private Frame(int block, long used) {
            this.savedBlock = block;
            this.savedUsed = used;
        }

        @Override
        public void close() {
            block = savedBlock;
            used = savedUsed;
        }
    }
}
