package dev.sam2j.predictors.video;

import dev.sam2j.memory.MemoryModel;
import dev.sam2j.memory.MemorySelector;
import dev.sam2j.memory.MemorySelector.RememberedMap;
import dev.sam2j.memory.MemorySelector.RememberedPointer;
import dev.sam2j.memory.MemoryTokens;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import java.util.List;
import java.util.function.Consumer;

/** Collects what an object remembers on a frame: maps first, each with its place and age, then pointers with theirs. */
final class MemoryReader implements AutoCloseable {
    private final MemoryModel memory;
    private final MemorySelector selector;
    private final Ops ops;
    private final int mapTokens;
    private final int channels;
    private final Kept mapPositions = new Kept();
    private final Kept pointerPositions = new Kept();

    MemoryReader(Sam2Model model, Ops ops) {
        this.memory = model.memory();
        this.selector = new MemorySelector(model.config());
        this.ops = ops;
        this.mapTokens = model.config().embeddingSize() * model.config().embeddingSize();
        this.channels = model.config().memoryDim();
    }

    /** The memories of {@code track} on a frame, in tensors of the current workspace frame; null if it has none. */
    MemoryTokens read(ObjectTrack track, int frame, boolean reverse, int frames) {
        ObjectTrack.Outputs outputs = track.committed();
        MemorySelector.Selection selection =
                selector.select(frame, reverse, frames, outputs.conditioning.keySet(), outputs.tracked::containsKey);
        int perPointer = memory.pointers().tokensPerPointer();
        int pointerTokens = selection.pointers().size() * perPointer;
        int total = selection.maps().size() * mapTokens + pointerTokens;
        if (total == 0) {
            return null;
        }
        Tensor tokens = ops.empty(total, channels);
        int at = 0;
        for (RememberedMap map : selection.maps()) {
            FrameOutput output = outputs.of(map.conditioning()).get(map.frame());
            ops.copy(output.entry().memory(), tokens.slice(at, at + mapTokens));
            at += mapTokens;
        }
        if (pointerTokens > 0) {
            ops.backend().upload(pointers(outputs, selection), 0, tokens.slice(at, total));
        }
        Tensor positions = ops.empty(total, channels);
        if (at > 0) {
            writeMapPositions(selection, positions.slice(0, at));
        }
        if (pointerTokens > 0) {
            writePointerPositions(selection, positions.slice(at, total));
        }
        return new MemoryTokens(
                tokens.reshape(1, total, channels), positions.reshape(1, total, channels), pointerTokens);
    }

    private static float[] pointers(ObjectTrack.Outputs outputs, MemorySelector.Selection selection) {
        List<float[]> vectors = selection.pointers().stream()
                .map(pointer ->
                        outputs.of(pointer.conditioning()).get(pointer.frame()).pointer())
                .toList();
        int length = vectors.get(0).length;
        float[] values = new float[vectors.size() * length];
        for (int i = 0; i < vectors.size(); i++) {
            System.arraycopy(vectors.get(i), 0, values, i * length, length);
        }
        return values;
    }

    private void writeMapPositions(MemorySelector.Selection selection, Tensor destination) {
        List<Integer> ages =
                selection.maps().stream().map(RememberedMap::temporalRow).toList();
        mapPositions.copyTo(ops, ages, destination, positions -> {
            for (int i = 0; i < ages.size(); i++) {
                Tensor temporal = memory.temporalPosition(ages.get(i));
                Tensor part = positions.slice(i * mapTokens, (i + 1) * mapTokens);
                ops.add(memory.encoder().positions(), 1, temporal, 1, part);
            }
        });
    }

    /** The tokens of a pointer share their position. */
    private void writePointerPositions(MemorySelector.Selection selection, Tensor destination) {
        List<Integer> distances =
                selection.pointers().stream().map(RememberedPointer::distance).toList();
        int perPointer = memory.pointers().tokensPerPointer();
        pointerPositions.copyTo(ops, List.of(distances, selection.pointerLimit()), destination, positions -> {
            int[] each = distances.stream().mapToInt(distance -> distance).toArray();
            try (Workspace.Frame frame = ops.frame()) {
                Tensor times = memory.pointers().times(ops, each, selection.pointerLimit());
                Tensor side = positions.reshape(each.length, perPointer * channels);
                for (int i = 0; i < perPointer; i++) {
                    ops.copy(times, side.columns(i * channels, (i + 1) * channels));
                }
            }
        });
    }

    /** Values that are mostly the same as those asked for last, by another object or on the frame before. */
    private static final class Kept {
        private Object key;
        private Storage storage;

        /** Copies the values of a key, which {@code write} makes where they are not those kept. */
        void copyTo(Ops ops, Object wanted, Tensor destination, Consumer<Tensor> write) {
            long elements = destination.shape().elements();
            if (storage == null || storage.elements() != elements) {
                close();
                storage = ops.backend().allocate(ops.backend().activationType(), elements);
            }
            Tensor values = Tensor.of(storage, 0, destination.shape());
            if (!wanted.equals(key)) {
                key = null;
                write.accept(values);
                key = wanted;
            }
            ops.copy(values, destination);
        }

        void close() {
            if (storage != null) {
                storage.close();
                storage = null;
                key = null;
            }
        }
    }

    @Override
    public void close() {
        mapPositions.close();
        pointerPositions.close();
    }
}
