package dev.sam2j.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * Memory for activations: stacks of blocks, one for each element type, from which tensors are taken by moving a mark,
 * and to which they return when the {@link Frame} they were taken in closes. The same sequence of requests gets the
 * same addresses every time. One thread at a time may use a workspace.
 */
public final class Workspace implements AutoCloseable {
    private static final long BLOCK_ELEMENTS = 1 << 22;
    private static final long MOST_RESERVED = 1L << 30;
    private static final long ALIGNMENT = 64;

    private final Backend backend;
    private final Stack activations;
    private final Stack wide;
    /** Stands for the blocks in {@link #mark}: a block stays where it is until all are freed. */
    private Object contents = new Object();

    /** An empty workspace that takes its blocks from {@code backend} when they are first needed. */
    public Workspace(Backend backend) {
        this.backend = backend;
        this.activations = new Stack(backend.info().activationType());
        this.wide = activations.type == DType.F32 ? activations : new Stack(DType.F32);
    }

    /**
     * Takes one block of {@code elements} for all activations that are to come, so that no room is lost at the ends of
     * several smaller ones. Has no effect once the workspace has memory, or where a block cannot be as large.
     */
    public void reserve(long elements) {
        if (activations.blocks.isEmpty() && elements > 0 && elements <= MOST_RESERVED) {
            activations.blocks.add(backend.allocate(activations.type, elements));
        }
    }

    /** Opens a frame: tensors allocated from now on are released when it closes. Frames close in reverse order. */
    public Frame frame() {
        return new Frame();
    }

    /**
     * An uninitialised, contiguous tensor of the backend's activation type that lives until the current frame closes.
     */
    public Tensor allocate(Shape shape) {
        return activations.allocate(shape);
    }

    /** An uninitialised, contiguous float32 tensor that lives until the current frame closes. */
    public Tensor allocateF32(Shape shape) {
        return wide.allocate(shape);
    }

    /**
     * Where the next tensors will be taken from: requests after equal marks get the same addresses. Marks
     * from before and after {@link #close} differ.
     */
    public Object mark() {
        return List.of(contents, activations.block, activations.used, wide.block, wide.used);
    }

    /** Memory held, in bytes. */
    public long bytes() {
        return activations.bytes() + (wide == activations ? 0 : wide.bytes());
    }

    /** Frees the blocks. The workspace is empty then and takes new ones if it is used again. */
    @Override
    public void close() {
        activations.close();
        wide.close();
        contents = new Object();
    }

    /** Blocks of one element type. */
    private final class Stack {
        private final DType type;
        private final List<Storage> blocks = new ArrayList<>();
        private int block;
        private long used;

        Stack(DType type) {
            this.type = type;
        }

        Tensor allocate(Shape shape) {
            long elements = shape.elements();
            while (block < blocks.size() && blocks.get(block).elements() - used < elements) {
                block++;
                used = 0;
            }
            if (block == blocks.size()) {
                blocks.add(backend.allocate(type, Math.max(elements, BLOCK_ELEMENTS)));
                used = 0;
            }
            Tensor tensor = Tensor.of(blocks.get(block), used, shape);
            used = Math.min(
                    (used + elements + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT,
                    blocks.get(block).elements());
            return tensor;
        }

        long bytes() {
            return blocks.stream()
                    .mapToLong(storage -> storage.elements() * type.bytes())
                    .sum();
        }

        void close() {
            blocks.forEach(Storage::close);
            blocks.clear();
            block = 0;
            used = 0;
        }
    }

    /** A level of the stacks. */
    public final class Frame implements AutoCloseable {
        private final int savedBlock = activations.block;
        private final long savedUsed = activations.used;
        private final int savedWideBlock = wide.block;
        private final long savedWideUsed = wide.used;

        private Frame() {}

        @Override
        public void close() {
            activations.block = savedBlock;
            activations.used = savedUsed;
            wide.block = savedWideBlock;
            wide.used = savedWideUsed;
        }
    }
}
