package dev.sam2j.predictors.video;

import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Pending;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What objects leave behind on frames: a mask and a memory each. The entries used last are kept in memory, the others
 * in a temporary file, so that a session needs as much memory for a long video as for a short one. Values survive
 * unchanged: memories hold bfloat16 values, masks float32.
 */
final class FrameArchive implements AutoCloseable {
    private static final int BF16_SHIFT = 16;

    private final Backend backend;
    private final int logits;
    private final Shape memoryShape;
    private final int recordBytes;
    private final ByteBuffer record;
    private final Map<Entry, Boolean> hot = new LinkedHashMap<>(16, 0.75f, true);
    private final Deque<Storage> freeStorages = new ArrayDeque<>();
    private final Deque<Integer> freeRecords = new ArrayDeque<>();
    private int capacity = 1;
    private int records;
    private Path file;
    private FileChannel channel;

    /**
     * An empty archive.
     *
     * @param logits values of a mask
     * @param memoryShape shape of a memory, (tokens, channels)
     */
    FrameArchive(Backend backend, int logits, Shape memoryShape) {
        this.backend = backend;
        this.logits = logits;
        this.memoryShape = memoryShape;
        this.recordBytes = Math.toIntExact(4L * logits + 2 * memoryShape.elements());
        this.record = ByteBuffer.allocateDirect(recordBytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Sets how many entries stay in memory. */
    void setCapacity(int entries) {
        capacity = Math.max(1, entries);
        makeRoom(0);
    }

    /** Adds an entry with a mask, which is not copied, and no memory yet. */
    Entry add(Pending<float[]> mask) {
        makeRoom(1);
        Entry entry = new Entry(mask);
        hot.put(entry, Boolean.TRUE);
        return entry;
    }

    /** Entries that are in memory at present. */
    int hotEntries() {
        return hot.size();
    }

    /** Places of the temporary file that have been used so far. */
    int storedRecords() {
        return records;
    }

    /** Moves the entries that were used longest ago to the file until there is room for {@code more}. */
    private void makeRoom(int more) {
        while (!hot.isEmpty() && hot.size() > capacity - more) {
            Entry eldest = hot.keySet().iterator().next();
            eldest.store();
            hot.remove(eldest);
        }
    }

    private Storage storage() {
        Storage storage = freeStorages.poll();
        return storage == null ? backend.allocate(backend.activationType(), memoryShape.elements()) : storage;
    }

    private FileChannel channel() throws IOException {
        if (channel == null) {
            file = Files.createTempFile("sam2j-memory-", ".bin");
            channel = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        }
        return channel;
    }

    @Override
    public void close() {
        hot.keySet().forEach(entry -> {
            if (entry.storage != null) {
                entry.storage.close();
            }
        });
        hot.clear();
        freeStorages.forEach(Storage::close);
        freeStorages.clear();
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the temporary file " + file + " could not be closed", e);
        }
    }

    /** A mask and a memory. */
    final class Entry {
        private static final int NOT_STORED = -1;

        private Pending<float[]> mask;
        private Storage storage;
        private boolean hasMemory;
        private int position = NOT_STORED;
        private boolean changed = true;

        private Entry(Pending<float[]> mask) {
            this.mask = mask;
        }

        /** The mask's logits; not a copy. */
        float[] mask() {
            load();
            return mask.get();
        }

        /** The memory, (tokens, channels); valid until the next call on the archive. */
        Tensor memory() {
            load();
            return Tensor.of(storage, 0, memoryShape);
        }

        /**
         * Room for a memory whose values, all representable in bfloat16, the caller writes before the next call on the
         * archive.
         */
        Tensor newMemory() {
            load();
            if (storage == null) {
                storage = storage();
            }
            hasMemory = true;
            changed = true;
            return Tensor.of(storage, 0, memoryShape);
        }

        /** Forgets the entry, which must not be used again. */
        void release() {
            hot.remove(this);
            if (storage != null) {
                freeStorages.push(storage);
                storage = null;
            }
            if (position != NOT_STORED) {
                freeRecords.push(position);
                position = NOT_STORED;
            }
            mask = null;
        }

        private void load() {
            if (hot.get(this) != null) { // also marks the entry as used
                return;
            }
            makeRoom(1);
            try {
                record.clear();
                transfer(channel(), false);
                record.flip();
                float[] stored = new float[logits];
                record.asFloatBuffer().get(stored);
                mask = Pending.of(stored);
                if (hasMemory) {
                    float[] values = new float[Math.toIntExact(memoryShape.elements())];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = Float.intBitsToFloat(record.getShort(4 * logits + 2 * i) << BF16_SHIFT);
                    }
                    storage = storage();
                    backend.upload(values, 0, Tensor.of(storage, 0, memoryShape));
                }
            } catch (IOException e) {
                throw new VideoException("a memory could not be read back from " + file, e);
            }
            hot.put(this, Boolean.TRUE);
        }

        private void store() {
            try {
                if (changed) {
                    write();
                }
            } catch (IOException e) {
                throw new VideoException("a memory could not be written to the temporary folder: " + e.getMessage(), e);
            }
            mask = null;
            if (storage != null) {
                freeStorages.push(storage);
                storage = null;
            }
        }

        private void write() throws IOException {
            record.clear();
            record.asFloatBuffer().put(mask.get());
            if (hasMemory) {
                float[] values = new float[Math.toIntExact(memoryShape.elements())];
                backend.download(Tensor.of(storage, 0, memoryShape), values, 0);
                for (int i = 0; i < values.length; i++) {
                    record.putShort(4 * logits + 2 * i, (short) (Float.floatToRawIntBits(values[i]) >>> BF16_SHIFT));
                }
            }
            if (position == NOT_STORED) {
                position = freeRecords.isEmpty() ? records++ : freeRecords.pop();
            }
            transfer(channel(), true);
            changed = false;
        }

        private void transfer(FileChannel target, boolean write) throws IOException {
            long at = (long) position * recordBytes;
            while (record.hasRemaining()) {
                int moved = write
                        ? target.write(record, at + record.position())
                        : target.read(record, at + record.position());
                if (moved < 0) {
                    throw new IOException("the file ends early");
                }
            }
        }
    }
}
