package dev.sam2j.predictors.video.tracking;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.video.FrameSource;
import dev.sam2j.predictors.video.VideoException;
import java.util.concurrent.Future;

/** Reads frames, the next one ahead of time on a thread of its own. Holds one frame at most. */
public final class FrameReader implements FramePictures, AutoCloseable {
    private static final int NONE = -1;

    private final FrameSource source;
    private final Background thread = new Background("sam2j-frames");
    private int pendingFrame = NONE;
    private Future<Picture> pending;

    /** A reader of frames that the caller keeps owning. */
    public FrameReader(FrameSource source) {
        this.source = source;
    }

    /**
     * A frame.
     *
     * @param next frame to read ahead; ignored if the video does not have it
     */
    @Override
    public Picture read(int frame, int next) {
        Future<Picture> reading = frame == pendingFrame ? pending : thread.submit(() -> load(frame));
        pendingFrame = NONE; // a frame that could not be read is read again when it is asked for again
        pending = null;
        Picture picture = Background.await(reading);
        boolean exists = next >= 0 && next < source.frames() && next != frame;
        pendingFrame = exists ? next : NONE;
        pending = exists ? thread.submit(() -> load(next)) : null;
        return picture;
    }

    @Override
    public boolean isReady(int frame) {
        return pending != null && frame == pendingFrame && pending.isDone();
    }

    private Picture load(int frame) {
        Picture picture = source.read(frame);
        if (picture.width() != source.width() || picture.height() != source.height()) {
            throw new VideoException(source.description() + ": frame " + frame + " (" + source.name(frame) + ") is "
                    + picture.width() + "x" + picture.height() + ", but the video is " + source.width() + "x"
                    + source.height());
        }
        return picture;
    }

    /** Ends the thread; the source stays open. */
    @Override
    public void close() {
        thread.close();
    }
}
