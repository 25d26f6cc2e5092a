package dev.sam2j.predictors.video;

import dev.sam2j.common.Lifecycle;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.video.tracking.FramePictures;
import dev.sam2j.predictors.video.tracking.TrackingEngine;
import dev.sam2j.predictors.video.tracking.VideoExtent;
import java.util.List;

/**
 * Objects in a stream of frames that arrive one by one, as from a camera. Objects are prompted on the newest frame and
 * tracked into every following one.
 *
 * <pre>{@code
 * try (LiveSession session = new VideoPredictor(model).openLive(VideoOptions.DEFAULT)) {
 *     session.track(camera.next());
 *     session.addPrompt(1, Prompt.point(320, 240));
 *     while (camera.isOn()) {
 *         Mask mask = session.track(camera.next()).object(1).mask();
 *     }
 * }
 * }</pre>
 *
 * <p>Old frames are forgotten, whatever {@link VideoOptions#streaming()} says, so that a stream may go on for ever;
 * what is kept grows only with the number of prompts.
 *
 * <p>One thread at a time may use a session. While a thread uses it, and once it or the model has been closed, every
 * method fails with an {@link IllegalStateException} that says so. Interrupting a thread stops no call and loses
 * nothing: the call ends as usual and the thread stays interrupted.
 */
public final class LiveSession implements AutoCloseable {
    private static final int NONE = -1;

    private final LoadedModel model;
    private final VideoOptions options;
    private final Newest newest = new Newest();
    private final Lifecycle lifecycle;
    private VideoExtent extent;
    private TrackingEngine engine;
    private int frame = NONE;

    LiveSession(LoadedModel model, VideoOptions options) {
        this.model = model;
        this.options = options.withStreaming(true);
        this.lifecycle = Lifecycle.exclusive("the live session", model.lifecycle());
    }

    /** Holds the newest frame. */
    private static final class Newest implements FramePictures {
        private Picture picture;

        @Override
        public Picture read(int frame, int next) {
            return picture;
        }

        /** No frame is there before it becomes the newest. */
        @Override
        public boolean isReady(int frame) {
            return false;
        }
    }

    /**
     * Tracks all objects into the next frame, which becomes the newest one. The first frame sets the size of all.
     *
     * @return all objects on this frame; none before the first prompt
     * @throws VideoException if the frame has another size than the first one, or an object has no prompt left; the
     *     newest frame then stays what it was
     */
    public FrameResult track(Picture picture) {
        try (Lifecycle.Use use = lifecycle.use()) {
            return tracked(picture);
        }
    }

    private FrameResult tracked(Picture picture) {
        if (engine == null) {
            extent = new VideoExtent(Integer.MAX_VALUE, picture.width(), picture.height());
            engine = new TrackingEngine(model, newest, extent, options);
        }
        if (picture.width() != extent.width() || picture.height() != extent.height()) {
            throw new VideoException("frame " + (frame + 1) + " is " + picture.width() + "x" + picture.height()
                    + ", but the frames before are " + extent.width() + "x" + extent.height());
        }
        engine.rememberPrompts(); // needs the frame they were given on
        newest.picture = picture;
        frame++;
        return engine.track(frame, false);
    }

    /** Number of the newest frame, from 0 on; -1 before the first. */
    public int frame() {
        try (Lifecycle.Use use = lifecycle.use()) {
            return frame;
        }
    }

    /** Ids of the objects, in the order in which they were first mentioned. */
    public List<Long> objects() {
        try (Lifecycle.Use use = lifecycle.use()) {
            return engine == null ? List.of() : engine.tracks().ids();
        }
    }

    /** Says what an object is on the newest frame, in place of what was said about it there before. */
    public FrameResult addPrompt(long object, Prompt prompt) {
        return addPrompt(object, prompt, true, false);
    }

    /** Adds clicks to those an object already has on the newest frame. */
    public FrameResult refine(long object, Prompt prompt) {
        return addPrompt(object, prompt, false, false);
    }

    /**
     * Says what an object is on the newest frame, as
     * {@link VideoSession#addPrompt(int, long, Prompt, boolean, boolean)} does.
     *
     * @return all objects on this frame
     * @throws dev.sam2j.predictors.PromptException if the prompt cannot be used on a video
     * @throws VideoException if there is no frame yet
     */
    public FrameResult addPrompt(long object, Prompt prompt, boolean clearOldPoints, boolean normalizedCoordinates) {
        try (Lifecycle.Use use = lifecycle.use()) {
            requireFrame();
            return engine.prompt(frame, object, prompt, clearOldPoints, normalizedCoordinates);
        }
    }

    /**
     * Says which pixels of the newest frame belong to an object.
     *
     * @param mask of the frames' size
     * @return all objects on this frame
     * @throws VideoException if there is no frame yet, or the mask has another size
     */
    public FrameResult addMask(long object, Mask mask) {
        try (Lifecycle.Use use = lifecycle.use()) {
            requireFrame();
            return engine.mask(frame, object, mask);
        }
    }

    /**
     * Takes back what was said about an object on the newest frame; its mask there stays as if it had been tracked.
     *
     * @return all objects on this frame
     * @throws VideoException if there is no frame yet or no such object
     */
    public FrameResult clearPrompts(long object) {
        try (Lifecycle.Use use = lifecycle.use()) {
            requireFrame();
            return engine.clear(frame, object);
        }
    }

    /**
     * Removes an object. Its id may be used again, for an object that starts anew.
     *
     * @throws VideoException if there is no frame yet or no such object
     */
    public void removeObject(long object) {
        try (Lifecycle.Use use = lifecycle.use()) {
            requireFrame();
            engine.tracks().remove(object);
        }
    }

    /** Forgets all objects. */
    public void reset() {
        try (Lifecycle.Use use = lifecycle.use()) {
            if (engine != null) {
                engine.tracks().reset();
            }
        }
    }

    private void requireFrame() {
        if (frame == NONE) {
            throw new VideoException("there is no frame yet, track one before prompting objects on it");
        }
    }

    /** What the session is made of; null before the first frame. */
    TrackingEngine engine() {
        return engine;
    }

    /**
     * Frees everything the session holds. Closing twice has no effect.
     *
     * @throws IllegalStateException if the session is in use, by another thread or this one
     */
    @Override
    public void close() {
        if (lifecycle.close()) {
            newest.picture = null;
            if (engine != null) {
                engine.close();
            }
        }
    }
}
