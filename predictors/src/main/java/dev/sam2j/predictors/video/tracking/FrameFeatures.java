package dev.sam2j.predictors.video.tracking;

import dev.sam2j.hiera.FeatureBuffer;
import dev.sam2j.hiera.ImageFeatures;
import dev.sam2j.hiera.LayerObserver;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.model.PictureEncoder;
import dev.sam2j.predictors.video.VideoException;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Branch;
import dev.sam2j.tensor.ForkPoint;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.ResizeFilter;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;

/**
 * The encoded picture of one frame, the one asked for last: prompts on a frame and its tracking share it. Where a
 * device can do several things at once, the next frame is encoded while this one is tracked.
 */
final class FrameFeatures implements AutoCloseable {
    private static final int NONE = -1;

    private final LoadedModel model;
    private final Backend backend;
    private final Ops ops;
    private final FramePictures pictures;
    private final LayerObserver observer;
    private Encoded current;
    /** The frame encoded ahead; null where nothing can be. */
    private Encoded ahead;
    /** Where the use of the current features began, and that of those before had ended. */
    private ForkPoint point;

    /** Features of a frame, or room for them. */
    private static final class Encoded implements AutoCloseable {
        private final FeatureBuffer buffer;
        private int frame = NONE;
        private Branch branch = Branch.JOINED;

        Encoded(LoadedModel model) {
            this.buffer = new FeatureBuffer(model.backend(), model.config());
        }

        @Override
        public void close() {
            branch.join();
            buffer.close();
        }
    }

    /** Encodes with {@code shared} operations, unless encoding has to go beside them. */
    FrameFeatures(LoadedModel model, Ops shared, FramePictures pictures) {
        this.model = model;
        this.backend = model.backend();
        this.pictures = pictures;
        this.observer = model.observer();
        boolean beside = backend.forkPoint() != ForkPoint.NO_FORK && observer == LayerObserver.NONE;
        this.ops = beside ? new Ops(backend) : shared;
        this.current = new Encoded(model);
        this.ahead = beside ? new Encoded(model) : null;
    }

    /**
     * Features of a frame, without the no-memory embedding; valid until another frame is asked for.
     *
     * @param next frame that will probably be asked for next
     */
    ImageFeatures get(int frame, int next) {
        if (frame != current.frame) {
            if (ahead != null && ahead.frame == frame) {
                Encoded used = current;
                current = ahead;
                ahead = used;
            } else {
                encode(frame, next, current, backend.forkPoint());
            }
            current.branch.join();
            point = backend.forkPoint();
        }
        return current.buffer.features();
    }

    /**
     * Begins to encode a frame if its picture is there, beside what is done with the current one, also if that has been
     * queued already.
     *
     * @param next frame that will probably be asked for after it
     */
    void prepare(int frame, int next) {
        if (ahead != null && frame != current.frame && frame != ahead.frame && pictures.isReady(frame)) {
            try {
                encode(frame, next, ahead, point);
            } catch (VideoException e) {
                ahead.frame = NONE; // whoever asks for the frame gets the error
            }
        }
    }

    private void encode(int frame, int next, Encoded destination, ForkPoint from) {
        destination.frame = NONE;
        destination.branch.join();
        Picture picture = pictures.read(frame, next);
        destination.branch = from.fork(() -> {
            try (Workspace.Frame workspace = ops.frame()) {
                Tensor input = PictureEncoder.normalized(
                        ops, picture, ResizeFilter.BICUBIC_8BIT, model.config().imageSize());
                observer.layer("preprocessed", input);
                model.imageEncoder().forward(ops, input, destination.buffer.features(), LayerObserver.NONE);
            }
        });
        destination.frame = frame;
    }

    @Override
    public void close() {
        current.close();
        if (ahead != null) {
            ahead.close();
            ops.close();
        }
    }
}
