package dev.sam2j.predictors.video.tracking;

import dev.sam2j.memory.MemoryModel;
import dev.sam2j.memory.MemorySelector;
import dev.sam2j.memory.MemorySelector.RememberedMap;
import dev.sam2j.memory.MemorySelector.RememberedPointer;
import dev.sam2j.memory.MemoryTokens;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Collects what an object remembers on a frame: maps first, each with its place and age, then pointers with theirs. */
final class MemoryReader implements AutoCloseable {
    private final MemoryModel memory;
    private final MemorySelector selector;
    private final Ops ops;
    private final int frames;
    private final int mapTokens;
    private final int channels;
    private final MemoryPositions positions;

    /** Reads the memories of objects in a video of {@code frames} frames. */
    MemoryReader(LoadedModel model, Ops ops, int frames) {
        this.memory = model.memory();
        this.selector = new MemorySelector(model.config());
        this.ops = ops;
        this.frames = frames;
        this.mapTokens = model.config().embeddingSize() * model.config().embeddingSize();
        this.channels = model.config().memoryDim();
        this.positions = new MemoryPositions(memory, ops, mapTokens, channels);
    }

    /**
     * The memories of objects on a frame, in tensors of the current workspace frame that stay as they are until the
     * next call; null for an object without any.
     */
    List<MemoryTokens> read(List<ObjectTrack> tracks, int frame, boolean reverse) {
        positions.begin();
        List<MemoryTokens> memories = new ArrayList<>();
        for (ObjectTrack track : tracks) {
            memories.add(remembered(track, frame, reverse));
        }
        return memories;
    }

    /** {@link #read(List, int, boolean)} for one object. */
    MemoryTokens read(ObjectTrack track, int frame, boolean reverse) {
        return read(List.of(track), frame, reverse).get(0);
    }

    private MemoryTokens remembered(ObjectTrack track, int frame, boolean reverse) {
        ObjectTrack.Outputs outputs = track.committed();
        MemorySelector.Selection selection =
                selector.select(frame, reverse, frames, outputs.conditioning.keySet(), outputs.tracked::containsKey);
        MemoryPositions.Key key = new MemoryPositions.Key(
                selection.maps().stream().map(RememberedMap::temporalRow).toList(),
                selection.pointers().stream().map(RememberedPointer::distance).toList(),
                selection.pointerLimit());
        int total = key.tokens(mapTokens, memory.pointers().tokensPerPointer());
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
        if (at < total) {
            ops.backend().upload(pointers(outputs, selection), 0, tokens.slice(at, total));
        }
        return new MemoryTokens(
                tokens.reshape(1, total, channels), positions.get(key).reshape(1, total, channels), total - at);
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

    @Override
    public void close() {
        positions.close();
    }
}
