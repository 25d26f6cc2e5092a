package dev.sam2j.predictors.video.tracking;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.video.FrameResult;
import dev.sam2j.predictors.video.VideoOptions;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Shape;
import java.util.List;
import java.util.Set;

/** What sessions on videos and live ones share: the objects, their memories, and what works on them. */
public final class TrackingEngine implements AutoCloseable {
    private final Ops ops;
    private final FrameArchive archive;
    private final ObjectTracks tracks;
    private final FrameFeatures features;
    private final MemoryReader memories;
    private final Prompter prompter;
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
        this.ops = new Ops(model.backend());
        this.archive = new FrameArchive(model.backend(), lowRes * lowRes, Shape.of(grid * grid, config.memoryDim()));
        this.tracks = new ObjectTracks(archive);
        this.features = new FrameFeatures(model, ops, pictures);
        FrameTracker tracker = new FrameTracker(model, ops);
        this.memories = new MemoryReader(model, ops);
        OutputMaker outputs = new OutputMaker(ops, archive, options.fillHoleArea());
        Tools tools = new Tools(config, extent, options, ops, tracks, features, tracker, memories, outputs);
        this.prompter = new Prompter(tools);
        this.results = new ResultMaker(model, ops, options, lowRes, extent.width(), extent.height());
        this.step = new FrameStep(tools, results);
    }

    /** The objects. */
    public ObjectTracks tracks() {
        return tracks;
    }

    /** Their masks and memories. */
    public FrameArchive archive() {
        return archive;
    }

    /** Answers clicks or a box on a frame. */
    public FrameResult prompt(
            int frame, long object, Prompt prompt, boolean clearOldPoints, boolean normalizedCoordinates) {
        boolean conditioning = prompter.prompt(frame, object, prompt, clearOldPoints, normalizedCoordinates);
        return results.current(tracks, frame, conditioning);
    }

    /** Takes a mask on a frame for granted. */
    public FrameResult mask(int frame, long object, Mask mask) {
        boolean conditioning = prompter.mask(frame, object, mask);
        return results.current(tracks, frame, conditioning);
    }

    /** Makes memories of what was prompted since the last propagation. */
    public void rememberPrompts() {
        step.rememberPrompts();
    }

    /** Tracks all objects on a frame. */
    public FrameResult track(int frame, boolean reverse) {
        return results.tracked(tracks, frame, step.track(frame, reverse));
    }

    /** Takes back what was said about an object on a frame. */
    public FrameResult clear(int frame, long object) {
        tracks.existing(object).clear(frame);
        tracks.changed();
        return results.current(tracks, frame);
    }

    /** Removes an object; the others on the frames where it had been prompted. */
    public List<FrameResult> remove(long object) {
        Set<Integer> frames = tracks.existing(object).promptedFrames();
        tracks.remove(object);
        return tracks.isEmpty()
                ? List.of()
                : frames.stream().map(frame -> results.current(tracks, frame)).toList();
    }

    /** All objects on a frame, as far as they are known. */
    public FrameResult current(int frame) {
        return results.current(tracks, frame);
    }

    @Override
    public void close() {
        tracks.reset();
        features.close();
        memories.close();
        archive.close();
        ops.close();
    }
}
