package dev.sam2j.predictors.video;

import dev.sam2j.common.Lifecycle;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.PromptException;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.video.saved.SessionReader;
import dev.sam2j.predictors.video.saved.SessionWriter;
import dev.sam2j.predictors.video.tracking.FrameReader;
import dev.sam2j.predictors.video.tracking.TrackingEngine;
import dev.sam2j.predictors.video.tracking.VideoExtent;
import java.nio.file.Path;
import java.util.List;

/**
 * Objects in a video: say on some frames what they are, then track them through the others; correct, add and remove at
 * any time. Each object is tracked on its own, all objects of a frame are computed together.
 *
 * <p>One thread at a time may use a session. While a thread uses it, and once it or the model has been closed, every
 * method fails with an {@link IllegalStateException} that says so. Interrupting a thread stops no call and loses
 * nothing: the call ends as usual and the thread stays interrupted, so that who goes through a {@link Propagation} can
 * look at that between two frames.
 */
public final class VideoSession implements AutoCloseable {
    private final LoadedModel model;
    private final VideoOptions options;
    private final FrameSource source;
    private final FrameReader reader;
    private final TrackingEngine engine;
    private final Lifecycle lifecycle;

    VideoSession(LoadedModel model, FrameSource source, VideoOptions options) {
        this.model = model;
        this.options = options;
        this.source = source;
        this.reader = new FrameReader(source);
        VideoExtent extent = new VideoExtent(source.frames(), source.width(), source.height());
        this.engine = new TrackingEngine(model, reader, extent, options);
        this.lifecycle = Lifecycle.exclusive("the video session", model.lifecycle());
    }

    /** The frames. */
    public FrameSource source() {
        return source;
    }

    /** How the video is tracked. */
    public VideoOptions options() {
        return options;
    }

    /** Ids of the objects, in the order in which they were first mentioned. */
    public List<Long> objects() {
        try (Lifecycle.Use use = lifecycle.use()) {
            return engine.tracks().ids();
        }
    }

    /**
     * Frames on which something was said about an object, in ascending order.
     *
     * @throws VideoException if there is no such object
     */
    public List<Integer> promptedFrames(long object) {
        try (Lifecycle.Use use = lifecycle.use()) {
            return List.copyOf(engine.tracks().existing(object).promptedFrames());
        }
    }

    /** Says what an object is on a frame, in place of what was said about it there before. */
    public FrameResult addPrompt(int frame, long object, Prompt prompt) {
        return addPrompt(frame, object, prompt, true, false);
    }

    /** Adds clicks to those an object already has on a frame. */
    public FrameResult refine(int frame, long object, Prompt prompt) {
        return addPrompt(frame, object, prompt, false, false);
    }

    /**
     * Says what an object is on a frame. If the frame has a mask of the object already, that is refined. On a frame
     * that has not been tracked the object starts anew, without its memories. A prompt that fails changes nothing.
     *
     * @param frame the frame
     * @param object any number; a new one makes a new object, that of a removed one too
     * @param prompt clicks and at most one box
     * @param clearOldPoints whether earlier clicks on this frame are dropped
     * @param normalizedCoordinates whether coordinates are fractions of the frame's width and height
     * @return all objects on this frame
     * @throws PromptException if the prompt says nothing, lies outside the frame, holds a low-resolution mask, or adds
     *     a box to clicks
     * @throws VideoException if there is no such frame, or it cannot be read
     */
    public FrameResult addPrompt(
            int frame, long object, Prompt prompt, boolean clearOldPoints, boolean normalizedCoordinates) {
        try (Lifecycle.Use use = lifecycle.use()) {
            requireFrame(frame);
            return engine.prompt(frame, object, prompt, clearOldPoints, normalizedCoordinates);
        }
    }

    /**
     * Says which pixels of a frame belong to an object.
     *
     * @param mask of the video's size
     * @return all objects on this frame
     * @throws VideoException if there is no such frame, it cannot be read, or the mask has another size
     */
    public FrameResult addMask(int frame, long object, Mask mask) {
        try (Lifecycle.Use use = lifecycle.use()) {
            requireFrame(frame);
            return engine.mask(frame, object, mask);
        }
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
        try (Lifecycle.Use use = lifecycle.use()) {
            return begun(range);
        }
    }

    private Propagation begun(Propagation.Range range) {
        if (range.start() != null) {
            requireFrame(range.start());
        }
        if (engine.tracks().isEmpty()) {
            throw new VideoException("propagate: there is nothing to track, prompt an object first");
        }
        engine.rememberPrompts();
        int start = range.start() == null ? engine.tracks().earliestPrompt() : range.start();
        int after = range.max() == null ? Integer.MAX_VALUE : range.max();
        int count = range.reverse()
                ? (start == 0 ? 0 : 1 + Math.min(after, start))
                : 1 + Math.min(after, source.frames() - 1 - start);
        int step = range.reverse() ? -1 : 1;
        int begun = engine.tracks().changes();
        return new Propagation(
                lifecycle, start, count, step, frame -> track(frame, range.reverse(), begun), range.listener());
    }

    private FrameResult track(int frame, boolean reverse, int begun) {
        if (engine.tracks().changes() != begun) {
            throw new IllegalStateException(
                    "propagate: the session was prompted or changed since this propagation began, start another");
        }
        return engine.track(frame, reverse);
    }

    /**
     * Takes back what was said about an object on a frame; its mask there stays as if it had been tracked.
     *
     * @return all objects on this frame
     * @throws VideoException if there is no such frame or object
     */
    public FrameResult clearPrompts(int frame, long object) {
        try (Lifecycle.Use use = lifecycle.use()) {
            requireFrame(frame);
            return engine.clear(frame, object);
        }
    }

    /**
     * All objects on a frame, as far as they were prompted or tracked there; computes nothing.
     *
     * @throws VideoException if there is no such frame
     */
    public FrameResult result(int frame) {
        try (Lifecycle.Use use = lifecycle.use()) {
            requireFrame(frame);
            return engine.current(frame);
        }
    }

    /**
     * Removes an object from all frames. Its id may be used again, for an object that starts anew.
     *
     * @return the other objects on the frames where this one had been prompted; {@link #result} tells of the others
     * @throws VideoException if there is no such object
     */
    public List<FrameResult> removeObject(long object) {
        try (Lifecycle.Use use = lifecycle.use()) {
            return engine.remove(object);
        }
    }

    /** Forgets all objects. */
    public void reset() {
        try (Lifecycle.Use use = lifecycle.use()) {
            engine.tracks().reset();
        }
    }

    /**
     * Writes the prompts, memories and results so far, to go on later with
     * {@link VideoPredictor#resume(Path, FrameSource)}. The frames and the model are not saved. The file appears when
     * it is whole; one that was there is replaced.
     *
     * @throws VideoException if the file cannot be written
     */
    public void write(Path file) {
        try (Lifecycle.Use use = lifecycle.use()) {
            new SessionWriter(model, options, source, engine.tracks()).write(file);
        }
    }

    /** Fills a new session with what a file holds. */
    void restore(SessionReader saved) {
        saved.restore(engine.tracks(), engine.archive(), model.backend());
    }

    private void requireFrame(int frame) {
        if (frame < 0 || frame >= source.frames()) {
            throw new VideoException("there is no frame " + frame + ", " + source.description() + " has "
                    + (source.frames() == 1 ? "frame 0 only" : "frames 0 to " + (source.frames() - 1)));
        }
    }

    /** What the session is made of. */
    TrackingEngine engine() {
        return engine;
    }

    /** Frees everything but the frame source. */
    void closeEngine() {
        reader.close();
        engine.close();
    }

    /**
     * Frees everything the session holds, the frame source included. Closing twice has no effect.
     *
     * @throws IllegalStateException if the session is in use, by another thread or this one
     */
    @Override
    public void close() {
        if (lifecycle.close()) {
            closeEngine();
            source.close();
        }
    }
}
