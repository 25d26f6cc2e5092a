package dev.sam2j.predictors.video;

import dev.sam2j.common.Lifecycle;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.video.saved.SessionReader;
import java.nio.file.Path;

/**
 * Tracks objects through videos.
 *
 * <pre>{@code
 * try (VideoSession session = new VideoPredictor(model).open(PictureFrames.folder(Path.of("frames")))) {
 *     session.addPrompt(0, 1, Prompt.point(320, 240));
 *     for (FrameResult frame : session.propagate()) {
 *         Mask mask = frame.object(1).mask();
 *     }
 * }
 * }</pre>
 *
 * <p>Several threads may open sessions of one predictor. Once the model has been closed, opening one fails with an
 * {@link IllegalStateException}.
 */
public final class VideoPredictor {
    private final LoadedModel model;

    /**
     * A predictor that uses a model; the caller keeps owning that.
     *
     * @throws IllegalStateException if the model has been closed
     * @throws dev.sam2j.predictors.ModelException if the checkpoint is of a model for pictures only
     */
    public VideoPredictor(Sam2Model model) {
        this.model = LoadedModel.of(model);
        try (Lifecycle.Use use = this.model.lifecycle().use()) {
            this.model.memory();
        }
    }

    /** Opens a session with {@link VideoOptions#DEFAULT}; it closes the frames when it is closed. */
    public VideoSession open(FrameSource frames) {
        return open(frames, VideoOptions.DEFAULT);
    }

    /** Opens a session; it closes the frames when it is closed. */
    public VideoSession open(FrameSource frames, VideoOptions options) {
        try (Lifecycle.Use use = model.lifecycle().use()) {
            return new VideoSession(model, frames, options);
        }
    }

    /** Opens a session on frames that arrive one by one. */
    public LiveSession openLive(VideoOptions options) {
        try (Lifecycle.Use use = model.lifecycle().use()) {
            return new LiveSession(model, options);
        }
    }

    /**
     * Goes on with a session from where it was saved, with its options. The same frames, model and machine give the
     * same results as a session that was never interrupted.
     *
     * @param frames the video of the saved session; the new session closes it, unless this method fails
     * @throws VideoException if the file is damaged or no session file, or the session is one of another model or
     *     another video
     */
    public VideoSession resume(Path file, FrameSource frames) {
        try (Lifecycle.Use use = model.lifecycle().use();
                SessionReader saved = SessionReader.open(file)) {
            saved.check(model, frames);
            VideoSession session = open(frames, saved.options());
            try {
                session.restore(saved);
                return session;
            } catch (RuntimeException | Error e) {
                session.closeEngine();
                throw e;
            }
        }
    }
}
