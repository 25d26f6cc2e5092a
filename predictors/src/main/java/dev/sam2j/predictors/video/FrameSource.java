package dev.sam2j.predictors.video;

import dev.sam2j.predictors.image.Picture;
import java.util.Locale;

/** The frames of a video, all of one size. One thread at a time reads. */
public interface FrameSource extends AutoCloseable {
    /** What messages call the video. */
    String description();

    /** Number of frames, at least 1. */
    int frames();

    /** Width of the frames in pixels. */
    int width();

    /** Height of the frames in pixels. */
    int height();

    /**
     * A frame.
     *
     * @param index from 0 to {@code frames() - 1}
     * @throws VideoException if it cannot be read, or has another size than the first
     */
    Picture read(int index);

    /** Name of a frame for files made from it, without a suffix. */
    default String name(int index) {
        return String.format(Locale.ROOT, "%05d", index);
    }

    /** What data sets call a frame: the name of its file, or what it would be called as a JPEG of its own. */
    default String fileName(int index) {
        return name(index) + ".jpg";
    }

    @Override
    void close();
}
