package dev.sam2j.predictors.video.tracking;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.hiera.ImageFeatures;
import dev.sam2j.memory.MemoryTokens;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.PromptException;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.model.ModelPrompt;
import dev.sam2j.predictors.video.FrameResult;
import dev.sam2j.predictors.video.VideoException;
import dev.sam2j.predictors.video.VideoOptions;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * What sessions on videos and live ones share: the objects, their memories, and what works on them. What a prompt finds
 * stays pending, without a memory, until the next propagation.
 */
public final class TrackingEngine implements AutoCloseable {
    private static final float MASK_THRESHOLD = 0.5f;

    private final FrameArchive archive;
    private final Tools tools;
    private final FrameStep step;
    private final ResultMaker results;

    /** What prompting and tracking work with. */
    record Tools(
            Sam2Config config,
            VideoExtent extent,
            VideoOptions options,
            Ops ops,
            ObjectTracks tracks,
            FrameFeatures features,
            FrameTracker tracker,
            MemoryReader memories,
            OutputMaker outputs) {}

    /** Tracks objects in pictures of one size. */
    public TrackingEngine(LoadedModel model, FramePictures pictures, VideoExtent extent, VideoOptions options) {
        Sam2Config config = model.config();
        int lowRes = config.lowResMaskSize();
        int grid = config.embeddingSize();
        this.archive = new FrameArchive(model.backend(), lowRes * lowRes, Shape.of(grid * grid, config.memoryDim()));
        Ops ops = new Ops(model.backend());
        this.tools = new Tools(
                config,
                extent,
                options,
                ops,
                new ObjectTracks(archive),
                new FrameFeatures(model, ops, pictures),
                new FrameTracker(model, ops),
                new MemoryReader(model, ops, extent.frames()),
                new OutputMaker(ops, archive, options.fillHoleArea()));
        this.results = new ResultMaker(model, tools);
        this.step = new FrameStep(tools, results);
    }

    /** The objects. */
    public ObjectTracks tracks() {
        return tools.tracks();
    }

    /** Their masks and memories. */
    public FrameArchive archive() {
        return archive;
    }

    /** Answers clicks or a box on a frame. */
    public FrameResult prompt(
            int frame, long object, Prompt prompt, boolean clearOldPoints, boolean normalizedCoordinates) {
        check(prompt, clearOldPoints);
        ModelPrompt scaled = ModelPrompt.of(
                prompt, tools.extent().width(), tools.extent().height(), normalizedCoordinates, tools.config());
        ObjectTrack track = tools.tracks().findOrCreate(object);
        ObjectTrack.Clicks clicks = new ObjectTrack.Clicks(scaled.coordinates(), scaled.labels());
        ObjectTrack.Clicks old = clearOldPoints ? null : track.clicks().get(frame);
        ObjectTrack.Clicks all = old == null ? clicks : old.followedBy(clicks);
        Prompt.requireFew(all.labels().length);
        boolean first = !track.trackedReverse().containsKey(frame);
        boolean conditioning = first || tools.options().keepCorrections();
        commit(track, frame, conditioning, found(track, frame, all, first, conditioning));
        track.clicks().put(frame, all);
        track.masks().remove(frame);
        return results.current(frame, conditioning);
    }

    private static void check(Prompt prompt, boolean clearOldPoints) {
        if (prompt.mask() != null) {
            throw new PromptException("prompt: a low-resolution mask cannot be used on a video, add a mask instead");
        }
        if (prompt.box() == null && prompt.points().isEmpty()) {
            throw new PromptException("prompt: expected clicks or a box");
        }
        if (prompt.box() != null && !clearOldPoints) {
            throw new PromptException("prompt: a box comes before all clicks, so it must replace the old ones");
        }
    }

    private FrameOutput found(
            ObjectTrack track, int frame, ObjectTrack.Clicks clicks, boolean first, boolean conditioning) {
        FrameOutput previous = track.pending().of(conditioning).get(frame);
        if (previous == null) {
            previous = track.committed().any(frame);
        }
        float[] mask = previous == null ? null : previous.entry().mask();
        ImageFeatures image = tools.features().get(frame, frame + 1);
        try (Workspace.Frame workspace = tools.ops().frame()) {
            MemoryTokens memory = first
                    ? null
                    : tools.memories().read(track, frame, track.trackedReverse().get(frame));
            return output(tools.tracker().prompted(image, memory, clicks, mask));
        }
    }

    /** Takes a mask on a frame for granted. */
    public FrameResult mask(int frame, long object, Mask mask) {
        VideoExtent extent = tools.extent();
        if (mask.width() != extent.width() || mask.height() != extent.height()) {
            throw new VideoException("mask: expected the video's size, " + extent.width() + "x" + extent.height()
                    + ", got " + mask.width() + "x" + mask.height());
        }
        ObjectTrack track = tools.tracks().findOrCreate(object);
        boolean first = !track.trackedReverse().containsKey(frame);
        boolean conditioning = first || tools.options().keepCorrections();
        float[] squared = squared(mask);
        ImageFeatures image = tools.features().get(frame, frame + 1);
        try (Workspace.Frame workspace = tools.ops().frame()) {
            commit(track, frame, conditioning, output(tools.tracker().masked(image, squared)));
        }
        track.masks().add(frame);
        track.clicks().remove(frame);
        return results.current(frame, conditioning);
    }

    /** The mask as 0 and 1 on the model's square picture. */
    private float[] squared(Mask mask) {
        int size = tools.config().imageSize();
        Ops ops = tools.ops();
        float[] values = new float[mask.width() * mask.height()];
        mask.forEachRun((from, to) -> Arrays.fill(values, from, to, 1));
        if (mask.width() == size && mask.height() == size) {
            return values;
        }
        try (Workspace.Frame workspace = ops.frame()) {
            Tensor given = ops.tensor(values, 1, mask.height(), mask.width(), 1);
            float[] scaled = ops.toHost(ops.interpolate(given, Interpolation.BILINEAR_ANTIALIAS, size, size));
            for (int i = 0; i < scaled.length; i++) {
                scaled[i] = scaled[i] >= MASK_THRESHOLD ? 1 : 0;
            }
            return scaled;
        }
    }

    private FrameOutput output(FrameTracker.Found found) {
        return tools.outputs().begin(found).finish().get(0);
    }

    /** Nothing of the session has changed up to here, so that a failed prompt leaves no trace. */
    private void commit(ObjectTrack track, int frame, boolean conditioning, FrameOutput output) {
        tools.tracks().register(track);
        tools.tracks().changed();
        ObjectTrack.replace(track.pending().of(conditioning), frame, output);
    }

    /** Makes memories of what was prompted since the last propagation. */
    public void rememberPrompts() {
        step.rememberPrompts();
    }

    /** Tracks all objects on a frame. */
    public FrameResult track(int frame, boolean reverse) {
        return results.tracked(frame, step.track(frame, reverse));
    }

    /** Takes back what was said about an object on a frame. */
    public FrameResult clear(int frame, long object) {
        tools.tracks().existing(object).clear(frame);
        tools.tracks().changed();
        return results.current(frame);
    }

    /** Removes an object; the others on the frames where it had been prompted. */
    public List<FrameResult> remove(long object) {
        Set<Integer> frames = tools.tracks().existing(object).promptedFrames();
        tools.tracks().remove(object);
        return tools.tracks().isEmpty()
                ? List.of()
                : frames.stream().map(results::current).toList();
    }

    /** All objects on a frame, as far as they are known. */
    public FrameResult current(int frame) {
        return results.current(frame);
    }

    @Override
    public void close() {
        tools.tracks().reset();
        tools.features().close();
        tools.memories().close();
        archive.close();
        tools.ops().close();
    }
}
