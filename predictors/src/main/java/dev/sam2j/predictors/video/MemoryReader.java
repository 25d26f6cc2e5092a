package dev.sam2j.predictors.video;

import dev.sam2j.memory.MemoryModel;
import dev.sam2j.memory.MemorySelector;
import dev.sam2j.memory.MemorySelector.RememberedMap;
import dev.sam2j.memory.MemorySelector.RememberedPointer;
import dev.sam2j.memory.MemoryTokens;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;

/** Collects what an object remembers on a frame: maps first, each with its place and age, then pointers with theirs. */
final class MemoryReader {
    private final MemoryModel memory;
    private final MemorySelector selector;
    private final Ops ops;
    private final int mapTokens;
    private final int channels;

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
        Tensor positions = ops.empty(total, channels);
        int at = 0;
        for (RememberedMap map : selection.maps()) {
            FrameOutput output = outputs.of(map.conditioning()).get(map.frame());
            ops.copy(output.entry().memory(), tokens.slice(at, at + mapTokens));
            Tensor temporal = memory.temporalPosition(map.temporalRow());
            ops.add(memory.encoder().positions(), 1, temporal, 1, positions.slice(at, at + mapTokens));
            at += mapTokens;
        }
        if (pointerTokens > 0) {
            readPointers(outputs, selection, tokens.slice(at, total), positions.slice(at, total));
        }
        return new MemoryTokens(
                tokens.reshape(1, total, channels), positions.reshape(1, total, channels), pointerTokens);
    }

    private void readPointers(
            ObjectTrack.Outputs outputs, MemorySelector.Selection selection, Tensor tokens, Tensor positions) {
        int perPointer = memory.pointers().tokensPerPointer();
        float[] values = new float[tokens.rows() * channels];
        int[] distances = new int[selection.pointers().size()];
        for (int i = 0; i < distances.length; i++) {
            RememberedPointer pointer = selection.pointers().get(i);
            float[] vector =
                    outputs.of(pointer.conditioning()).get(pointer.frame()).pointer();
            System.arraycopy(vector, 0, values, i * perPointer * channels, vector.length);
            distances[i] = pointer.distance();
        }
        ops.backend().upload(values, 0, tokens);
        Tensor times = memory.pointers().times(ops, distances, selection.pointerLimit());
        for (int i = 0; i < distances.length; i++) {
            ops.copy(times.slice(i, i + 1), positions.slice(i * perPointer, (i + 1) * perPointer));
        }
    }
}
