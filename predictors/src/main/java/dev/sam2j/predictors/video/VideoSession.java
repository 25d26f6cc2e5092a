package dev.sam2j.predictors.video;

import dev.sam2j.hiera.ImageFeatures;
import dev.sam2j.hiera.LayerObserver;
import dev.sam2j.memory.MemoryTokens;
import dev.sam2j.predictors.ModelPrompt;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.PromptException;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.SmallRegions;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Objects in a video: say on some frames what they are, then track them through the others; correct, add and remove at
 * any time. Each object is tracked on its own, all objects of a frame are computed together. One thread at a time may
 * use a session.
 */
public final class VideoSession implements AutoCloseable {
    private static final int HOT_FRAMES_PER_OBJECT = 16;
    private static final int BATCH = 16;

    private final Sam2Model model;
    private final VideoOptions options;
    private final FrameSource source;
    private final Ops ops;
    private final FrameArchive archive;
    private final FrameReader reader;
    private final FrameFeatures features;
    private final FrameTracker tracker;
    private final MemoryReader memories;
    private final ResultMaker results;
    private final Map<Integer, ObjectTrack> tracks = new LinkedHashMap<>();
    private final Set<Integer> removed = new HashSet<>();

    VideoSession(Sam2Model model, FrameSource source, VideoOptions options, LayerObserver observer) {
        int lowRes = model.config().lowResMaskSize();
        int grid = model.config().embeddingSize();
        this.model = model;
        this.options = options;
        this.source = source;
        this.ops = new Ops(model.backend());
        this.archive = new FrameArchive(
                model.backend(),
                lowRes * lowRes,
                Shape.of(grid * grid, model.config().memoryDim()));
        this.reader = new FrameReader(source);
        this.features = new FrameFeatures(model, ops, reader, observer);
        this.tracker = new FrameTracker(model, ops, observer);
        this.memories = new MemoryReader(model, ops);
        this.results = new ResultMaker(ops, options, lowRes, source.width(), source.height());
    }

    /** The frames. */
    public FrameSource source() {
        return source;
    }

    /** Ids of the objects, in the order in which they were first mentioned. */
    public List<Integer> objects() {
        return List.copyOf(tracks.keySet());
    }

    /** Says what an object is on a frame, in place of what was said about it there before. */
    public FrameResult addPrompt(int frame, int object, Prompt prompt) {
        return addPrompt(frame, object, prompt, true, false);
    }

    /** Adds clicks to those an object already has on a frame. */
    public FrameResult refine(int frame, int object, Prompt prompt) {
        return addPrompt(frame, object, prompt, false, false);
    }

    /**
     * Says what an object is on a frame. If the frame has a mask of the object already, that is refined. On a frame
     * that has not been tracked the object starts anew, without its memories.
     *
     * @param frame the frame
     * @param object any number; a new one makes a new object
     * @param prompt clicks and at most one box
     * @param clearOldPoints whether earlier clicks on this frame are dropped
     * @param normalizedCoordinates whether coordinates are fractions of the frame's width and height
     * @return all objects on this frame
     * @throws PromptException if the prompt says nothing, lies outside the frame, holds a low-resolution mask, or adds
     *     a box to clicks
     * @throws VideoException if there is no such frame, or the object was removed
     */
    public FrameResult addPrompt(
            int frame, int object, Prompt prompt, boolean clearOldPoints, boolean normalizedCoordinates) {
        requireFrame(frame);
        if (prompt.mask() != null) {
            throw new PromptException("prompt: a low-resolution mask cannot be used on a video, add a mask instead");
        }
        if (prompt.box() == null && prompt.points().isEmpty()) {
            throw new PromptException("prompt: expected clicks or a box");
        }
        if (prompt.box() != null && !clearOldPoints) {
            throw new PromptException("prompt: a box comes before all clicks, so it must replace the old ones");
        }
        ModelPrompt scaled =
                ModelPrompt.of(prompt, source.width(), source.height(), normalizedCoordinates, model.config());
        ObjectTrack track = track(object);
        ObjectTrack.Clicks clicks = new ObjectTrack.Clicks(scaled.coordinates(), scaled.labels());
        ObjectTrack.Clicks old = clearOldPoints ? null : track.clicks().get(frame);
        ObjectTrack.Clicks all = old == null ? clicks : old.followedBy(clicks);
        boolean first = !track.trackedReverse().containsKey(frame);
        boolean conditioning = first || options.keepCorrections();
        FrameTracker.Found found = prompted(track, frame, all, first, conditioning);
        track.clicks().put(frame, all);
        track.masks().remove(frame);
        return commit(track, frame, conditioning, found);
    }

    private FrameTracker.Found prompted(
            ObjectTrack track, int frame, ObjectTrack.Clicks clicks, boolean first, boolean conditioning) {
        FrameOutput previous = track.pending().of(conditioning).get(frame);
        if (previous == null) {
            previous = track.committed().any(frame);
        }
        ImageFeatures image = features.get(frame, frame + 1);
        try (Workspace.Frame workspace = ops.frame()) {
            MemoryTokens memory = first
                    ? null
                    : memories.read(track, frame, track.trackedReverse().get(frame), source.frames());
            return tracker.prompted(
                    image,
                    memory,
                    clicks,
                    previous == null ? null : previous.entry().mask());
        }
    }

    /**
     * Says which pixels of a frame belong to an object.
     *
     * @param mask of the video's size
     * @return all objects on this frame
     * @throws VideoException if there is no such frame, the mask has another size, or the object was removed
     */
    public FrameResult addMask(int frame, int object, Mask mask) {
        requireFrame(frame);
        if (mask.width() != source.width() || mask.height() != source.height()) {
            throw new VideoException("mask: expected the video's size, " + source.width() + "x" + source.height()
                    + ", got " + mask.width() + "x" + mask.height());
        }
        ObjectTrack track = track(object);
        FrameTracker.Found found = tracker.masked(features.get(frame, frame + 1), squared(mask));
        track.masks().add(frame);
        track.clicks().remove(frame);
        boolean conditioning = !track.trackedReverse().containsKey(frame) || options.keepCorrections();
        return commit(track, frame, conditioning, found);
    }

    /** The mask as 0 and 1 on the model's square picture. */
    private float[] squared(Mask mask) {
        int size = model.config().imageSize();
        float[] values = new float[mask.width() * mask.height()];
        for (int y = 0; y < mask.height(); y++) {
            for (int x = 0; x < mask.width(); x++) {
                values[y * mask.width() + x] = mask.get(x, y) ? 1 : 0;
            }
        }
        if (mask.width() == size && mask.height() == size) {
            return values;
        }
        try (Workspace.Frame workspace = ops.frame()) {
            Tensor given = ops.tensor(values, 1, mask.height(), mask.width(), 1);
            float[] scaled = ops.toHost(ops.interpolate(given, Interpolation.BILINEAR_ANTIALIAS, size, size));
            for (int i = 0; i < scaled.length; i++) {
                scaled[i] = scaled[i] >= 0.5f ? 1 : 0;
            }
            return scaled;
        }
    }

    private FrameResult commit(ObjectTrack track, int frame, boolean conditioning, FrameTracker.Found found) {
        register(track);
        ObjectTrack.replace(track.pending().of(conditioning), frame, output(found));
        return current(frame, conditioning);
    }

    private FrameOutput output(FrameTracker.Found found) {
        return new FrameOutput(archive.add(filled(found.mask())), found.pointer(), found.objectScore(), found.iou());
    }

    private float[] filled(float[] mask) {
        if (options.fillHoleArea() == 0) {
            return mask;
        }
        int side = model.config().lowResMaskSize();
        float[] copy = mask.clone();
        SmallRegions.fillHoles(copy, side, side, options.fillHoleArea());
        return copy;
    }

    /** Tracks from the earliest prompt to the end. */
    public Propagation propagate() {
        return propagate(Propagation.Range.FORWARD);
    }

    /**
     * Tracks all objects through a range of frames. Frames on which an object was prompted keep their masks; all others
     * are computed, also if they were before.
     *
     * @throws VideoException if nothing was prompted, an object has no prompt left, or the first frame does not exist
     */
    public Propagation propagate(Propagation.Range range) {
        rememberPrompts();
        int start = range.start() == null ? earliestPrompt() : range.start();
        requireFrame(start);
        int after = range.max() == null ? Integer.MAX_VALUE : range.max();
        int count = range.reverse()
                ? (start == 0 ? 0 : 1 + Math.min(after, start))
                : 1 + Math.min(after, source.frames() - 1 - start);
        int step = range.reverse() ? -1 : 1;
        return new Propagation(start, count, step, frame -> track(frame, range.reverse()), range.listener());
    }

    private int earliestPrompt() {
        return tracks.values().stream()
                .flatMap(track -> track.committed().conditioning.keySet().stream())
                .mapToInt(Integer::intValue)
                .min()
                .orElseThrow();
    }

    /** Makes memories of what was prompted since the last propagation. */
    void rememberPrompts() {
        if (tracks.isEmpty()) {
            throw new VideoException("propagate: there is nothing to track, prompt an object first");
        }
        for (ObjectTrack track : tracks.values()) {
            for (boolean conditioning : new boolean[] {false, true}) {
                rememberPrompts(track, conditioning);
            }
            if (track.committed().conditioning.isEmpty()) {
                throw new VideoException("propagate: object " + track.id() + " has no prompt, add one or remove it");
            }
            track.committed()
                    .conditioning
                    .keySet()
                    .forEach(frame -> ObjectTrack.remove(track.committed().tracked, frame));
        }
    }

    private void rememberPrompts(ObjectTrack track, boolean conditioning) {
        Map<Integer, FrameOutput> pending = track.pending().of(conditioning);
        for (int frame : List.copyOf(pending.keySet())) {
            FrameOutput output = pending.get(frame);
            if (!output.entry().hasMemory()) {
                ImageFeatures image = features.get(frame, frame + 1);
                float[] scores = {output.objectScore()};
                List<float[]> mask = List.of(output.entry().mask());
                tracker.remember(
                        image, mask, scores, true, List.of(output.entry().newMemory()));
            }
            pending.remove(frame);
            ObjectTrack.replace(track.committed().of(conditioning), frame, output);
            if (options.clearMemoryAroundPrompts()) {
                clearAround(track, frame);
            }
        }
    }

    private void clearAround(ObjectTrack track, int frame) {
        int reach =
                model.config().memoryTemporalStrideForEval() * model.config().numMaskmem();
        for (int near = frame - reach; near <= frame + reach; near++) {
            ObjectTrack.remove(track.committed().tracked, near);
        }
    }

    /** Tracks all objects on one frame. */
    FrameResult track(int frame, boolean reverse) {
        List<ObjectTrack> open = new ArrayList<>();
        for (ObjectTrack track : tracks.values()) {
            if (!track.committed().conditioning.containsKey(frame)) {
                open.add(track);
            } else if (options.clearMemoryAroundPrompts()) {
                clearAround(track, frame);
            }
        }
        for (int from = 0; from < open.size(); from += BATCH) {
            compute(open.subList(from, Math.min(from + BATCH, open.size())), frame, reverse);
        }
        for (ObjectTrack track : tracks.values()) {
            track.trackedReverse().put(frame, reverse);
            if (options.streaming()) {
                forgetBehind(track, frame, reverse);
            }
        }
        List<ResultMaker.Part> parts = new ArrayList<>();
        for (ObjectTrack track : tracks.values()) {
            parts.add(part(track, track.committed().any(frame)));
        }
        return results.make(frame, parts);
    }

    private void compute(List<ObjectTrack> batch, int frame, boolean reverse) {
        ImageFeatures image = features.get(frame, reverse ? frame - 1 : frame + 1);
        List<FrameTracker.Found> found;
        try (Workspace.Frame workspace = ops.frame()) {
            List<MemoryTokens> remembered = new ArrayList<>();
            for (ObjectTrack track : batch) {
                remembered.add(memories.read(track, frame, reverse, source.frames()));
            }
            found = tracker.unprompted(image, remembered);
        }
        List<float[]> masks = found.stream().map(FrameTracker.Found::mask).toList();
        float[] scores = new float[batch.size()];
        List<Tensor> destinations = new ArrayList<>();
        List<FrameOutput> outputs = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            scores[i] = found.get(i).objectScore();
            outputs.add(output(found.get(i)));
            destinations.add(outputs.get(i).entry().newMemory());
        }
        tracker.remember(image, masks, scores, false, destinations);
        for (int i = 0; i < batch.size(); i++) {
            ObjectTrack.replace(batch.get(i).committed().tracked, frame, outputs.get(i));
        }
    }

    private void forgetBehind(ObjectTrack track, int frame, boolean reverse) {
        int reach = Math.max(
                model.config().memoryTemporalStrideForEval() * model.config().numMaskmem(),
                model.config().maxObjPtrsInEncoder());
        for (int old : List.copyOf(track.committed().tracked.keySet())) {
            if (reverse ? old > frame + reach : old < frame - reach) {
                ObjectTrack.remove(track.committed().tracked, old);
            }
        }
        track.trackedReverse().keySet().removeIf(old -> reverse ? old > frame + reach : old < frame - reach);
    }

    /**
     * Takes back what was said about an object on a frame; its mask there stays as if it had been tracked.
     *
     * @return all objects on this frame
     * @throws VideoException if there is no such frame or object
     */
    public FrameResult clearPrompts(int frame, int object) {
        requireFrame(frame);
        clear(existing(object), frame);
        return current(frame);
    }

    private static void clear(ObjectTrack track, int frame) {
        track.clicks().remove(frame);
        track.masks().remove(frame);
        ObjectTrack.remove(track.pending().conditioning, frame);
        ObjectTrack.remove(track.pending().tracked, frame);
        FrameOutput output = track.committed().conditioning.remove(frame);
        if (output != null) {
            ObjectTrack.replace(track.committed().tracked, frame, output);
            track.trackedReverse().remove(frame);
        }
    }

    /**
     * Removes an object. Its id cannot be used again in this session, unless all objects are removed.
     *
     * @return the other objects on the frames where this one had been prompted
     * @throws VideoException if there is no such object
     */
    public List<FrameResult> removeObject(int object) {
        ObjectTrack track = existing(object);
        if (tracks.size() == 1) {
            reset();
            return List.of();
        }
        Set<Integer> frames = track.promptedFrames();
        tracks.remove(object);
        removed.add(object);
        track.release();
        updateCapacity();
        return frames.stream().map(this::current).toList();
    }

    /** Forgets all objects. */
    public void reset() {
        tracks.values().forEach(ObjectTrack::release);
        tracks.clear();
        removed.clear();
    }

    private FrameResult current(int frame) {
        boolean conditioning = tracks.values().stream()
                .anyMatch(track -> track.pending().conditioning.containsKey(frame));
        return current(frame, conditioning);
    }

    /** What is known of all objects on a frame: pending outputs of one kind, else what was committed, else nothing. */
    private FrameResult current(int frame, boolean conditioning) {
        List<ResultMaker.Part> parts = new ArrayList<>();
        for (ObjectTrack track : tracks.values()) {
            FrameOutput output = track.pending().of(conditioning).get(frame);
            parts.add(part(track, output != null ? output : track.committed().any(frame)));
        }
        return results.make(frame, parts);
    }

    private ResultMaker.Part part(ObjectTrack track, FrameOutput output) {
        if (output == null) {
            float[] nothing =
                    new float[model.config().lowResMaskSize() * model.config().lowResMaskSize()];
            java.util.Arrays.fill(nothing, FrameTracker.ABSENT_LOGIT);
            return new ResultMaker.Part(track.id(), nothing, FrameTracker.ABSENT_LOGIT, 0);
        }
        return new ResultMaker.Part(track.id(), output.entry().mask(), output.objectScore(), output.iou());
    }

    /** The track of an object, a new one if there is none; it becomes part of the session with its first output. */
    private ObjectTrack track(int object) {
        if (removed.contains(object)) {
            throw new VideoException("object " + object + " was removed from this session, use another id");
        }
        ObjectTrack track = tracks.get(object);
        return track == null ? new ObjectTrack(object) : track;
    }

    private void register(ObjectTrack track) {
        if (tracks.putIfAbsent(track.id(), track) == null) {
            updateCapacity();
        }
    }

    private void updateCapacity() {
        archive.setCapacity(HOT_FRAMES_PER_OBJECT * (tracks.size() + 1));
    }

    private ObjectTrack existing(int object) {
        ObjectTrack track = tracks.get(object);
        if (track == null) {
            throw new VideoException("there is no object " + object + ", the objects are " + tracks.keySet());
        }
        return track;
    }

    private void requireFrame(int frame) {
        if (frame < 0 || frame >= source.frames()) {
            throw new VideoException("there is no frame " + frame + ", " + source.description() + " has frames 0 to "
                    + (source.frames() - 1));
        }
    }

    /** Frees everything the session holds, the frame source included. */
    @Override
    public void close() {
        reset();
        reader.close();
        features.close();
        archive.close();
        ops.close();
    }
}
