package dev.sam2j.predictors.video.tracking;

import dev.sam2j.memory.MemoryModel;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Positions of memories: those of maps, each with its age, then those of pointers. Objects usually ask for those that
 * another object asked for, and on the next frame for the same ones again, so they are kept, and at the same places.
 */
final class MemoryPositions implements AutoCloseable {
    private final MemoryModel memory;
    private final Ops ops;
    private final int mapTokens;
    private final int channels;
    private final List<Kept> all = new ArrayList<>();

    /** Positions of maps of {@code mapTokens} tokens and of pointers, all {@code channels} wide. */
    MemoryPositions(MemoryModel memory, Ops ops, int mapTokens, int channels) {
        this.memory = memory;
        this.ops = ops;
        this.mapTokens = mapTokens;
        this.channels = channels;
    }

    /**
     * What positions depend on.
     *
     * @param ages of the maps
     * @param distances of the pointers
     * @param pointerLimit what distances are normalised by
     */
    record Key(List<Integer> ages, List<Integer> distances, int pointerLimit) {
        int tokens(int mapTokens, int perPointer) {
            return ages.size() * mapTokens + distances.size() * perPointer;
        }
    }

    private static final class Kept {
        private final Storage storage;
        private Key key;
        private boolean used;

        Kept(Storage storage) {
            this.storage = storage;
        }
    }

    /** Begins a batch of objects: what the one before was given may be overwritten by what is queued from now on. */
    void begin() {
        all.forEach(kept -> kept.used = false);
    }

    /** The positions of a key, (tokens, channels), which stay as they are until the next batch. */
    Tensor get(Key key) {
        int tokens = key.tokens(mapTokens, memory.pointers().tokensPerPointer());
        long elements = (long) tokens * channels;
        Kept kept = best(key, elements);
        Tensor values = Tensor.of(kept.storage, 0, Shape.of(tokens, channels));
        Key old = kept.key;
        kept.used = true;
        kept.key = null;
        int maps = key.ages.size() * mapTokens;
        if (maps > 0 && (old == null || !old.ages.equals(key.ages))) {
            writeMaps(key.ages, values.slice(0, maps));
        }
        if (maps < tokens && !key.equals(old)) {
            writePointers(key, values.slice(maps, tokens));
        }
        kept.key = key;
        return values;
    }

    /** The same positions, or room for others, which has as much as possible of them. */
    private Kept best(Key key, long elements) {
        Kept best = null;
        for (Kept kept : all) {
            if (key.equals(kept.key)) {
                return kept;
            }
            boolean fits = !kept.used && kept.storage.elements() == elements;
            if (fits && (best == null || kept.key != null && kept.key.ages.equals(key.ages))) {
                best = kept;
            }
        }
        if (best == null) {
            all.removeIf(kept -> {
                boolean stale = !kept.used; // of another size: banks that were still filling
                if (stale) {
                    kept.storage.close();
                }
                return stale;
            });
            best = new Kept(ops.backend().allocate(ops.backend().info().activationType(), elements));
            all.add(best);
        }
        return best;
    }

    private void writeMaps(List<Integer> ages, Tensor destination) {
        for (int i = 0; i < ages.size(); i++) {
            Tensor temporal = memory.temporalPosition(ages.get(i));
            Tensor part = destination.slice(i * mapTokens, (i + 1) * mapTokens);
            ops.add(memory.encoder().positions(), 1, temporal, 1, part);
        }
    }

    /** The tokens of a pointer share their position. */
    private void writePointers(Key key, Tensor destination) {
        int perPointer = memory.pointers().tokensPerPointer();
        float[] values = new float[destination.rows() * channels];
        for (int pointer = 0; pointer < key.distances.size(); pointer++) {
            float[] time = memory.pointers().time(key.distances.get(pointer), key.pointerLimit);
            for (int token = 0; token < perPointer; token++) {
                System.arraycopy(time, 0, values, (pointer * perPointer + token) * channels, channels);
            }
        }
        ops.backend().upload(values, 0, destination);
    }

    @Override
    public void close() {
        all.forEach(kept -> kept.storage.close());
        all.clear();
    }
}
