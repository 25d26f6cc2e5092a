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
    /** The frame that must be there for the step, or null if it needs none. */
    default Integer frame() {
        return null;
    }

    /** The object that the step is about, or null. */
    default ObjectName object() {
        return null;
    }

    /**
     * Clicks or a box on an object.
     *
     * @param clearOldPoints whether earlier clicks on that frame are dropped
     */
    record Clicks(Integer frame, ObjectName object, Prompt prompt, boolean clearOldPoints) implements TrackStep {}

    /** The pixels of an object. */
    record Pixels(Integer frame, ObjectName object, Path file) implements TrackStep {
        /** Reads them. */
        Mask mask(FrameSource source) {
            return MaskFile.read(file, source.width(), source.height(), "video");
        }
    }

    /** Tracking through frames. */
    record Propagate(Propagation.Range range) implements TrackStep {
        @Override
        public Integer frame() {
            return range.start();
        }
    }

    /** Taking back the prompts of an object on a frame. */
    record Clear(Integer frame, ObjectName object) implements TrackStep {}

    /** Removing an object. */
    record Remove(ObjectName object) implements TrackStep {}

    /** Forgetting all objects. */
    record Reset() implements TrackStep {}

    /**
     * Checks the step against the video, before anything is computed.
     *
     * @throws CliException if it names a frame that is not there, or a mask of another size
     * @throws dev.sam2j.predictors.PromptException if a prompt lies outside
     * @throws dev.sam2j.predictors.image.PictureException if a mask cannot be read
     */
    default void check(FrameSource source) {
        if (frame() != null && (frame() < 0 || frame() >= source.frames())) {
            throw CliException.failure("there is no frame " + frame() + ", " + source.description()
                    + " has frames 0 to " + (source.frames() - 1));
        }
        if (this instanceof Clicks clicks) {
            clicks.prompt().requireInside(source.width(), source.height());
        } else if (this instanceof Pixels pixels) {
            pixels.mask(source);
        }
    }
}
