package dev.sam2j.predictors.video.tracking;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.hiera.ImageFeatures;
import dev.sam2j.memory.MemoryTokens;
import dev.sam2j.predictors.video.VideoException;
import dev.sam2j.tensor.MaskBits;
import dev.sam2j.tensor.Pending;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Steps of a propagation: remembers what was prompted, then tracks all objects frame by frame. */
final class FrameStep {
    /** Objects computed at once: bounds the working memory. */
    private static final int BATCH = 16;

    private final TrackingEngine.Tools tools;
    private final ResultMaker results;
    private final int clearReach;
    private final int readReach;

    FrameStep(TrackingEngine.Tools tools, ResultMaker results) {
        this.tools = tools;
        this.results = results;
        Sam2Config config = tools.config();
        this.clearReach = config.memoryTemporalStrideForEval() * config.numMaskmem();
        this.readReach = Math.max(clearReach, config.maxObjPtrsInEncoder());
    }

    /**
     * Makes memories of what was prompted since the last propagation.
     *
     * @throws VideoException if an object has no prompt left
     */
    void rememberPrompts() {
        for (ObjectTrack track : tools.tracks().all()) {
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
            ImageFeatures image = tools.features().get(frame, frame + 1);
            try (Workspace.Frame workspace = tools.ops().frame()) {
                int lowRes = tools.config().lowResMaskSize();
                float[] mask = output.entry().mask();
                Tensor score = tools.ops().tensor(new float[] {output.objectScore()}, 1, 1);
                List<Tensor> memory = List.of(output.entry().newMemory());
                tools.tracker().remember(image, tools.ops().tensor(mask, 1, lowRes, lowRes), score, true, memory);
            }
            pending.remove(frame);
            ObjectTrack.replace(track.committed().of(conditioning), frame, output);
            if (tools.options().clearMemoryAroundPrompts()) {
                clearAround(track, frame);
            }
        }
    }

    private void clearAround(ObjectTrack track, int frame) {
        for (int near = frame - clearReach; near <= frame + clearReach; near++) {
            ObjectTrack.remove(track.committed().tracked, near);
        }
    }

    /**
     * Tracks all objects on one frame; where an object was prompted its mask stays.
     *
     * @return masks of tracked objects at the size of the video by object, as far as {@link ResultMaker} begins them
     */
    Map<Long, Pending<MaskBits>> track(int frame, boolean reverse) {
        List<ObjectTrack> open = new ArrayList<>();
        for (ObjectTrack track : tools.tracks().all()) {
            if (!track.committed().conditioning.containsKey(frame)) {
                open.add(track);
            } else if (tools.options().clearMemoryAroundPrompts()) {
                clearAround(track, frame);
            }
        }
        Map<Long, Pending<MaskBits>> shown = new HashMap<>();
        for (int from = 0; from < open.size(); from += BATCH) {
            compute(open.subList(from, Math.min(from + BATCH, open.size())), frame, reverse, shown);
        }
        for (ObjectTrack track : tools.tracks().all()) {
            track.trackedReverse().put(frame, reverse);
            if (tools.options().streaming()) {
                forgetBehind(track, frame, reverse);
            }
        }
        return shown;
    }

    /** Everything the host waits for is queued before the memories, which the device makes while the host goes on. */
    private void compute(List<ObjectTrack> batch, int frame, boolean reverse, Map<Long, Pending<MaskBits>> shown) {
        int step = reverse ? -1 : 1;
        ImageFeatures image = tools.features().get(frame, frame + step);
        try (Workspace.Frame workspace = tools.ops().frame()) {
            List<MemoryTokens> remembered = tools.memories().read(batch, frame, reverse);
            FrameTracker.Found found = tools.tracker().unprompted(image, remembered);
            OutputMaker.Making making = tools.outputs().begin(found);
            try {
                for (int i = 0; i < batch.size(); i++) {
                    Pending<MaskBits> bits = results.begin(making.masks().slice(i, i + 1));
                    if (bits != null) {
                        shown.put(batch.get(i).id(), bits);
                    }
                }
                List<Tensor> destinations = making.entries().stream()
                        .map(FrameArchive.Entry::newMemory)
                        .toList();
                tools.tracker().remember(image, found.masks(), found.objectScores(), false, destinations);
                prepare(frame + step, step);
                List<FrameOutput> made = making.finish();
                for (int i = 0; i < batch.size(); i++) {
                    ObjectTrack.replace(batch.get(i).committed().tracked, frame, made.get(i));
                }
            } catch (RuntimeException | Error e) {
                making.abandon();
                throw e;
            }
        }
    }

    /** Has the next frame encoded ahead if anything will be tracked on it. */
    private void prepare(int next, int step) {
        if (tools.tracks().all().stream()
                .anyMatch(track -> !track.committed().conditioning.containsKey(next))) {
            tools.features().prepare(next, next + step);
        }
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
