package dev.sam2j.predictors.video.tracking;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.hiera.ImageFeatures;
import dev.sam2j.memory.MemoryTokens;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.PromptException;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.model.ModelPrompt;
import dev.sam2j.predictors.video.VideoException;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import java.util.List;

/** Answers prompts. What is found stays pending, without a memory, until the next propagation. */
final class Prompter {
    private static final float MASK_THRESHOLD = 0.5f;

    private final Sam2Config config;
    private final VideoExtent extent;
    private final boolean keepCorrections;
    private final Ops ops;
    private final ObjectTracks tracks;
    private final FrameFeatures features;
    private final FrameTracker tracker;
    private final MemoryReader memories;
    private final OutputMaker outputs;

    Prompter(TrackingEngine.Tools tools) {
        this.config = tools.config();
        this.extent = tools.extent();
        this.keepCorrections = tools.options().keepCorrections();
        this.ops = tools.ops();
        this.tracks = tools.tracks();
        this.features = tools.features();
        this.tracker = tools.tracker();
        this.memories = tools.memories();
        this.outputs = tools.outputs();
    }

    /**
     * Finds what clicks or a box say.
     *
     * @return whether the frame will be a conditioning frame
     */
    boolean prompt(int frame, long object, Prompt prompt, boolean clearOldPoints, boolean normalizedCoordinates) {
        check(prompt, clearOldPoints);
        ModelPrompt scaled = ModelPrompt.of(prompt, extent.width(), extent.height(), normalizedCoordinates, config);
        ObjectTrack track = tracks.findOrCreate(object);
        ObjectTrack.Clicks clicks = new ObjectTrack.Clicks(scaled.coordinates(), scaled.labels());
        ObjectTrack.Clicks old = clearOldPoints ? null : track.clicks().get(frame);
        ObjectTrack.Clicks all = old == null ? clicks : old.followedBy(clicks);
        Prompt.requireFew(all.labels().length);
        boolean first = !track.trackedReverse().containsKey(frame);
        boolean conditioning = first || keepCorrections;
        commit(track, frame, conditioning, found(track, frame, all, first, conditioning));
        track.clicks().put(frame, all);
        track.masks().remove(frame);
        return conditioning;
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
        ImageFeatures image = features.get(frame, frame + 1);
        try (Workspace.Frame workspace = ops.frame()) {
            MemoryTokens memory = first
                    ? null
                    : memories.read(
                                    List.of(track),
                                    frame,
                                    track.trackedReverse().get(frame),
                                    extent.frames())
                            .get(0);
            return output(tracker.prompted(image, memory, clicks, mask));
        }
    }

    /**
     * Takes a mask for granted.
     *
     * @return whether the frame will be a conditioning frame
     */
    boolean mask(int frame, long object, Mask mask) {
        if (mask.width() != extent.width() || mask.height() != extent.height()) {
            throw new VideoException("mask: expected the video's size, " + extent.width() + "x" + extent.height()
                    + ", got " + mask.width() + "x" + mask.height());
        }
        ObjectTrack track = tracks.findOrCreate(object);
        boolean conditioning = !track.trackedReverse().containsKey(frame) || keepCorrections;
        float[] squared = squared(mask);
        ImageFeatures image = features.get(frame, frame + 1);
        try (Workspace.Frame workspace = ops.frame()) {
            commit(track, frame, conditioning, output(tracker.masked(image, squared)));
        }
        track.masks().add(frame);
        track.clicks().remove(frame);
        return conditioning;
    }

    /** The mask as 0 and 1 on the model's square picture. */
    private float[] squared(Mask mask) {
        int size = config.imageSize();
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
                scaled[i] = scaled[i] >= MASK_THRESHOLD ? 1 : 0;
            }
            return scaled;
        }
    }

    private FrameOutput output(FrameTracker.Found found) {
        return outputs.begin(found).finish().get(0);
    }

    /** Nothing of the session has changed up to here, so that a failed prompt leaves no trace. */
    private void commit(ObjectTrack track, int frame, boolean conditioning, FrameOutput output) {
        tracks.register(track);
        tracks.changed();
        ObjectTrack.replace(track.pending().of(conditioning), frame, output);
    }
}
