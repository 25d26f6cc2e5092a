package dev.sam2j.predictors.video;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.hiera.ImageFeatures;
import dev.sam2j.memory.MemoryTokens;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Steps of a propagation: remembers what was prompted, then tracks all objects frame by frame. */
final class FrameStep {
    /** Objects computed at once: bounds the working memory. */
    private static final int BATCH = 16;

    private final VideoExtent extent;
    private final VideoOptions options;
    private final int clearReach;
    private final int readReach;
    private final Ops ops;
    private final ObjectTracks tracks;
    private final FrameFeatures features;
    private final FrameTracker tracker;
    private final MemoryReader memories;
    private final OutputMaker outputs;

    FrameStep(
            Sam2Config config,
            VideoExtent extent,
            VideoOptions options,
            Ops ops,
            ObjectTracks tracks,
            FrameFeatures features,
            FrameTracker tracker,
            MemoryReader memories,
            OutputMaker outputs) {
        this.extent = extent;
        this.options = options;
        this.clearReach = config.memoryTemporalStrideForEval() * config.numMaskmem();
        this.readReach = Math.max(clearReach, config.maxObjPtrsInEncoder());
        this.ops = ops;
        this.tracks = tracks;
        this.features = features;
        this.tracker = tracker;
        this.memories = memories;
        this.outputs = outputs;
    }

    /**
     * Makes memories of what was prompted since the last propagation.
     *
     * @throws VideoException if an object has no prompt left
     */
    void rememberPrompts() {
        for (ObjectTrack track : tracks.all()) {
            rememberPrompts(track, false);
            rememberPrompts(track, true);
            ObjectTrack.Outputs committed = track.committed();
            if (committed.conditioning.isEmpty()) {
                throw new VideoException("propagate: object " + track.id() + " has no prompt, add one or remove it");
            }
            committed.conditioning.keySet().forEach(frame -> ObjectTrack.remove(committed.tracked, frame));
        }
    }

    private void rememberPrompts(ObjectTrack track, boolean conditioning) {
        Map<Integer, FrameOutput> pending = track.pending().of(conditioning);
        for (int frame : List.copyOf(pending.keySet())) {
            FrameOutput output = pending.get(frame);
            ImageFeatures image = features.get(frame, frame + 1);
            List<float[]> mask = List.of(output.entry().mask());
            float[] score = {output.objectScore()};
            tracker.remember(image, mask, score, true, List.of(output.entry().newMemory()));
            pending.remove(frame);
            ObjectTrack.replace(track.committed().of(conditioning), frame, output);
            if (options.clearMemoryAroundPrompts()) {
                clearAround(track, frame);
            }
        }
    }

    private void clearAround(ObjectTrack track, int frame) {
        for (int near = frame - clearReach; near <= frame + clearReach; near++) {
            ObjectTrack.remove(track.committed().tracked, near);
        }
    }

    /** Tracks all objects on one frame; where an object was prompted its mask stays. */
    void track(int frame, boolean reverse) {
        List<ObjectTrack> open = new ArrayList<>();
        for (ObjectTrack track : tracks.all()) {
            if (!track.committed().conditioning.containsKey(frame)) {
                open.add(track);
            } else if (options.clearMemoryAroundPrompts()) {
                clearAround(track, frame);
            }
        }
        for (int from = 0; from < open.size(); from += BATCH) {
            compute(open.subList(from, Math.min(from + BATCH, open.size())), frame, reverse);
        }
        for (ObjectTrack track : tracks.all()) {
            track.trackedReverse().put(frame, reverse);
            if (options.streaming()) {
                forgetBehind(track, frame, reverse);
            }
        }
    }

    private void compute(List<ObjectTrack> batch, int frame, boolean reverse) {
        ImageFeatures image = features.get(frame, reverse ? frame - 1 : frame + 1);
        List<FrameTracker.Found> found;
        try (Workspace.Frame workspace = ops.frame()) {
            List<MemoryTokens> remembered = new ArrayList<>();
            for (ObjectTrack track : batch) {
                remembered.add(memories.read(track, frame, reverse, extent.frames()));
            }
            found = tracker.unprompted(image, remembered);
        }
        List<FrameOutput> made = new ArrayList<>();
        try {
            found.forEach(one -> made.add(outputs.make(one)));
            remember(image, found, made);
        } catch (RuntimeException | Error e) {
            made.forEach(output -> output.entry().release());
            throw e;
        }
        for (int i = 0; i < batch.size(); i++) {
            ObjectTrack.replace(batch.get(i).committed().tracked, frame, made.get(i));
        }
    }

    private void remember(ImageFeatures image, List<FrameTracker.Found> found, List<FrameOutput> made) {
        List<float[]> masks = found.stream().map(FrameTracker.Found::mask).toList();
        List<Tensor> destinations = new ArrayList<>();
        float[] scores = new float[made.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = found.get(i).objectScore();
            destinations.add(made.get(i).entry().newMemory());
        }
        tracker.remember(image, masks, scores, false, destinations);
    }

    private void forgetBehind(ObjectTrack track, int frame, boolean reverse) {
        for (int old : List.copyOf(track.committed().tracked.keySet())) {
            if (isBehind(old, frame, reverse)) {
                ObjectTrack.remove(track.committed().tracked, old);
            }
        }
        track.trackedReverse().keySet().removeIf(old -> isBehind(old, frame, reverse));
    }

    private boolean isBehind(int old, int frame, boolean reverse) {
        return reverse ? old > frame + readReach : old < frame - readReach;
    }
}
