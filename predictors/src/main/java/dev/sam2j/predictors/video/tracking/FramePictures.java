package dev.sam2j.predictors.video.tracking;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.video.VideoException;

/** Where the image encoder gets frames from, all of the session's size. */
public interface FramePictures {
    /**
     * A frame.
     *
     * @param next frame that will probably be asked for next
     * @throws VideoException if it cannot be had
     */
    Picture read(int frame, int next);

    /** Whether {@link #read} would return a frame at once. */
    boolean isReady(int frame);
}
