package dev.sam2j.predictors.model;

import dev.sam2j.hiera.FeatureBuffer;
import dev.sam2j.hiera.ImageFeatures;
import dev.sam2j.hiera.StageFeatures;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.ResizeFilter;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * Encodes single pictures. One thread at a time may use it; the caller keeps owning the operations. Memory of closed
 * pictures is used again where a backend repeats recordings: those refer to the places of the features, and pictures
 * that come one after another then need two of them.
 */
public final class PictureEncoder implements AutoCloseable {
    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] STD = {0.229f, 0.224f, 0.225f};
    private static final int MOST_FREE = 2;

    private final LoadedModel model;
    private final Ops ops;
    private final Deque<FeatureBuffer> free = new ArrayDeque<>();
    private boolean closed;

    /** An encoder that computes with the caller's operations. */
    public PictureEncoder(LoadedModel model, Ops ops) {
        this.model = model;
        this.ops = ops;
    }

    /** Encodes a picture; the caller closes it. */
    public EncodedPicture encode(Picture picture) {
        return made(picture.width(), picture.height(), features -> {
            ops.workspace().reserve(model.imageEncoder().workspace(1));
            Tensor input = input(picture);
            model.observer().layer("preprocessed", input);
            model.imageEncoder().forward(ops, input, features, model.observer());
        });
    }

    /**
     * Encodes a picture for training.
     *
     * @param use sees the features while they are valid
     */
    public void encodeStages(Picture picture, Consumer<StageFeatures> use) {
        try (Workspace.Frame frame = ops.frame()) {
            use.accept(model.imageEncoder().stages(ops, input(picture)));
        }
    }

    /** Completes what {@link #encodeStages} made of a picture of this size; the caller closes it. */
    public EncodedPicture encode(StageFeatures stages, int width, int height) {
        return made(width, height, features -> model.imageEncoder().finish(ops, stages, features));
    }

    private Tensor input(Picture picture) {
        return normalized(
                ops, picture, ResizeFilter.BILINEAR_FLOAT, model.config().imageSize());
    }

    private EncodedPicture made(int width, int height, Consumer<ImageFeatures> make) {
        EncodedPicture encoded = new EncodedPicture(model, take(), this::give, width, height);
        try (Workspace.Frame frame = ops.frame()) {
            ImageFeatures features = encoded.features();
            make.accept(features);
            ops.add(features.embedding(), 1, model.noMemory(), 1, features.embedding());
            model.observer().layer("image_embed", features.embedding());
            model.observer().layer("high_res_feats.0", features.highRes0());
            model.observer().layer("high_res_feats.1", features.highRes1());
        } catch (RuntimeException | Error e) {
            encoded.close();
            throw e;
        }
        return encoded;
    }

    /**
     * A picture as the model's input, (1, size, size, 3): squashed to a square, mean and deviation of the training
     * pictures removed.
     */
    public static Tensor normalized(Ops ops, Picture picture, ResizeFilter filter, int size) {
        return ops.imageToTensor(picture.rgb(), picture.height(), picture.width(), filter, MEAN, STD, size);
    }

    private synchronized FeatureBuffer take() {
        FeatureBuffer buffer = free.poll();
        return buffer != null ? buffer : new FeatureBuffer(model.backend(), model.config());
    }

    /** Keeps memory for the next picture, or frees it; any thread may give. */
    private synchronized void give(FeatureBuffer buffer) {
        if (!closed && free.size() < MOST_FREE && model.backend().info().captures()) {
            free.push(buffer);
        } else {
            buffer.close();
        }
    }

    /** Frees memory that is not in use. */
    @Override
    public synchronized void close() {
        closed = true;
        free.forEach(FeatureBuffer::close);
        free.clear();
    }
}
