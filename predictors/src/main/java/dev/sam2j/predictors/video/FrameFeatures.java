package dev.sam2j.predictors.video;

import dev.sam2j.hiera.FeatureBuffer;
import dev.sam2j.hiera.ImageFeatures;
import dev.sam2j.hiera.LayerObserver;
import dev.sam2j.predictors.Normalization;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;

/** The encoded picture of one frame, the one asked for last: prompts on a frame and its tracking share it. */
final class FrameFeatures implements AutoCloseable {
    private static final int NONE = -1;

    private final Sam2Model model;
    private final Ops ops;
    private final FramePictures pictures;
    private final LayerObserver observer;
    private final FeatureBuffer buffer;
    private int current = NONE;

    FrameFeatures(Sam2Model model, Ops ops, FramePictures pictures, LayerObserver observer) {
        this.model = model;
        this.ops = ops;
        this.pictures = pictures;
        this.observer = observer;
        this.buffer = new FeatureBuffer(model.backend(), model.config());
    }

    /**
     * Features of a frame, without the no-memory embedding; valid until another frame is asked for.
     *
     * @param next frame that will probably be asked for next
     */
    ImageFeatures get(int frame, int next) {
        if (frame != current) {
            current = NONE;
            try (Workspace.Frame workspace = ops.frame()) {
                Tensor input = Normalization.apply(
                        ops,
                        pictures.read(frame, next),
                        pictures.resizeFilter(),
                        model.config().imageSize());
                observer.layer("preprocessed", input);
                model.imageEncoder().forward(ops, input, buffer.features(), LayerObserver.NONE);
            }
            current = frame;
        }
        return buffer.features();
    }

    @Override
    public void close() {
        buffer.close();
    }
}
