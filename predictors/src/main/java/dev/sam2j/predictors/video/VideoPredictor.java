package dev.sam2j.predictors.video;

import dev.sam2j.common.Lifecycle;
import dev.sam2j.hiera.LayerObserver;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.video.saved.SessionReader;
import java.nio.file.Path;

/**
 * Tracks objects through videos.
 *
 * <pre>{@code
 * try (VideoSession session = new VideoPredictor(model).open(FrameFolder.open(Path.of("frames")))) {
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
    private final Sam2Model model;

    /** A predictor that uses a model; sessions can only be closed after that has been. */
    public VideoPredictor(Sam2Model model) {
        this.model = model;
    }

    /** Opens a session with {@link VideoOptions#DEFAULT}; it closes the frames when it is closed. */
    public VideoSession open(FrameSource frames) {
        return open(frames, VideoOptions.DEFAULT);
    }

    /** Opens a session; it closes the frames when it is closed. */
    public VideoSession open(FrameSource frames, VideoOptions options) {
        return open(frames, options, LayerObserver.NONE);
    }

    /**
     * Opens a session that shows intermediate results: {@code preprocessed} (1, S, S, 3) of each frame,
     * {@code pix_feat_with_mem} (1, h, w, C) of each object as it is decoded, {@code maskmem_features} (1, h, w,
     * Cm) of each memory before rounding.
     */
    public VideoSession open(FrameSource frames, VideoOptions options, LayerObserver observer) {
        try (Lifecycle.Use use = model.lifecycle().use()) {
            return new VideoSession(model, frames, options, observer);
        }
    }

    /** Opens a session on frames that arrive one by one. */
    public LiveSession openLive(VideoOptions options) {
        try (Lifecycle.Use use = model.lifecycle().use()) {
            return new LiveSession(model, options, LayerObserver.NONE);
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
