package dev.sam2j.predictors.video.tracking;

import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Pending;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What objects leave behind on frames: a mask and a memory each. The entries used last are kept in memory, the others
 * in a temporary file, so that a session needs as much memory for a long video as for a short one. Values survive
 * unchanged: memories hold bfloat16 values, masks float32.
 */
public final class FrameArchive implements AutoCloseable {
    private final Backend backend;
    private final Shape memoryShape;
    private final RecordFile file;
    private final Map<Entry, Boolean> hot = new LinkedHashMap<>(16, 0.75f, true);
    private final Deque<Storage> freeStorages = new ArrayDeque<>();
    private int capacity = 1;

    /**
     * An empty archive.
     *
     * @param logits values of a mask
     * @param memoryShape shape of a memory, (tokens, channels)
     */
    FrameArchive(Backend backend, int logits, Shape memoryShape) {
        this.backend = backend;
        this.memoryShape = memoryShape;
        this.file = new RecordFile(logits, Math.toIntExact(memoryShape.elements()));
    }

    /** Sets how many entries stay in memory. */
    void setCapacity(int entries) {
        capacity = Math.max(1, entries);
        makeRoom(0);
    }

    /** Adds an entry with a mask, which is not copied, and no memory yet. */
    public Entry add(Pending<float[]> mask) {
        makeRoom(1);
        Entry entry = new Entry(mask);
        hot.put(entry, Boolean.TRUE);
        return entry;
    }

    /** Entries that are in memory at present. */
    public int hotEntries() {
        return hot.size();
    }

    /** Places of the temporary file that have been used so far. */
    public int storedRecords() {
        return file.places();
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
        return storage == null ? backend.allocate(backend.info().activationType(), memoryShape.elements()) : storage;
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
        file.close();
    }

    /** A mask and a memory. */
    public final class Entry {
        private Pending<float[]> mask;
        private Storage storage;
        /** What the file has of the entry, null if that is nothing, or no longer the truth. */
        private RecordFile.Record record;

        private Entry(Pending<float[]> mask) {
            this.mask = mask;
        }

        /** The mask's logits; not a copy. */
        public float[] mask() {
            load();
            return mask.get();
        }

        /** The memory, (tokens, channels); valid until the next call on the archive. */
        public Tensor memory() {
            load();
            return Tensor.of(storage, 0, memoryShape);
        }

        /**
         * Room for a memory whose values, all representable in bfloat16, the caller writes before the next call on the
         * archive.
         */
        public Tensor newMemory() {
            load();
            if (storage == null) {
                storage = storage();
            }
            forgetRecord();
            return Tensor.of(storage, 0, memoryShape);
        }

        /** Forgets the entry, which must not be used again. */
        void release() {
            hot.remove(this);
            freeStorage();
            forgetRecord();
            mask = null;
        }

        private void forgetRecord() {
            if (record != null) {
                file.release(record);
                record = null;
            }
        }

        private void freeStorage() {
            if (storage != null) {
                freeStorages.push(storage);
                storage = null;
            }
        }

        private void load() {
            if (hot.get(this) != null) { // also marks the entry as used
                return;
            }
            makeRoom(1);
            RecordFile.Contents contents = file.read(record);
            mask = Pending.of(contents.mask());
            if (contents.memory() != null) {
                storage = storage();
                backend.upload(contents.memory(), 0, Tensor.of(storage, 0, memoryShape));
            }
            hot.put(this, Boolean.TRUE);
        }

        /** The device copies the memory before whatever uses its room next. */
        private void store() {
            if (record == null) {
                record = file.write(
                        mask, storage == null ? null : backend.downloadLater(Tensor.of(storage, 0, memoryShape)));
            }
            mask = null;
            freeStorage();
        }
    }
}
