package dev.sam2j.cli.track;

import dev.sam2j.cli.files.MaskFile;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.video.FrameSource;
import dev.sam2j.predictors.video.Propagation;
import java.nio.file.Path;

/** One thing to do to a session. */
sealed interface TrackStep {
    /**
     * Clicks or a box on an object.
     *
     * @param clearOldPoints whether earlier clicks on that frame are dropped
     */
    record Clicks(int frame, ObjectName object, Prompt prompt, boolean clearOldPoints) implements TrackStep {}

    /** The pixels of an object. */
    record Pixels(int frame, ObjectName object, Path file) implements TrackStep {}

    /** Tracking through frames. */
    record Propagate(Propagation.Range range) implements TrackStep {}

    /** Taking back the prompts of an object on a frame. */
    record Clear(int frame, ObjectName object) implements TrackStep {}

    /** Removing an object. */
    record Remove(ObjectName object) implements TrackStep {}

    /** Forgetting all objects. */
    record Reset() implements TrackStep {}

    /** The object that the step is about, or null. */
    default ObjectName about() {
        if (this instanceof Clicks clicks) {
            return clicks.object();
        } else if (this instanceof Pixels pixels) {
            return pixels.object();
        } else if (this instanceof Clear clear) {
            return clear.object();
        }
        return this instanceof Remove remove ? remove.object() : null;
    }

    /**
     * Checks the step against the video, before anything is computed.
     *
     * @throws CliException if it names a frame that is not there, or a mask of another size
     * @throws dev.sam2j.predictors.PromptException if a prompt lies outside
     * @throws dev.sam2j.predictors.image.PictureException if a mask cannot be read
     */
    default void check(FrameSource source) {
        if (this instanceof Clicks clicks) {
            requireFrame(source, clicks.frame());
            clicks.prompt().requireInside(source.width(), source.height());
        } else if (this instanceof Pixels pixels) {
            requireFrame(source, pixels.frame());
            mask(pixels, source);
        } else if (this instanceof Clear clear) {
            requireFrame(source, clear.frame());
        } else if (this instanceof Propagate propagate && propagate.range().start() != null) {
            requireFrame(source, propagate.range().start());
        }
    }

    private static void requireFrame(FrameSource source, int frame) {
        if (frame < 0 || frame >= source.frames()) {
            throw CliException.failure("there is no frame " + frame + ", " + source.description() + " has frames 0 to "
                    + (source.frames() - 1));
        }
    }

    /** Reads the mask of a step. */
    static Mask mask(Pixels pixels, FrameSource source) {
        return MaskFile.read(pixels.file(), source.width(), source.height(), "video");
    }
}
