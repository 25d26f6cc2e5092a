package dev.sam2j.predictors.video;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.tensor.ResizeFilter;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Reads frames, the next one ahead of time on a thread of its own. Holds one frame at most. */
final class FrameReader implements FramePictures, AutoCloseable {
    private static final int NONE = -1;

    private final FrameSource source;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread worker = new Thread(task, "sam2j-frames");
        worker.setDaemon(true);
        return worker;
    });
    private int pendingFrame = NONE;
    private Future<Picture> pending;

    FrameReader(FrameSource source) {
        this.source = source;
    }

    @Override
    public ResizeFilter resizeFilter() {
        return source.resizeFilter();
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
        Picture picture = wait(reading);
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

    private static Picture wait(Future<Picture> reading) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return reading.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException problem) {
                throw problem;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new VideoException("a frame could not be read", e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Ends the thread; the source stays open. */
    @Override
    public void close() {
        thread.shutdown();
        wait(thread);
    }

    private static void wait(ExecutorService thread) {
        try {
            // The source must not be closed under a frame that is being read.
            if (!thread.awaitTermination(1, java.util.concurrent.TimeUnit.MINUTES)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
