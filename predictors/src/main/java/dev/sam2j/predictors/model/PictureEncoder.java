package dev.sam2j.predictors.model;

import dev.sam2j.hiera.ImageFeatures;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.ResizeFilter;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;

/** Encodes single pictures. One thread at a time may use it; the caller keeps owning the operations. */
public final class PictureEncoder implements AutoCloseable {
    private final LoadedModel model;
    private final Ops ops;
    private final FeaturePool pool;

    /** An encoder that computes with the caller's operations. */
    public PictureEncoder(LoadedModel model, Ops ops) {
        this.model = model;
        this.ops = ops;
        this.pool = new FeaturePool(model);
    }

    /** Encodes a picture; the caller closes it. */
    public EncodedPicture encode(Picture picture) {
        EncodedPicture encoded = new EncodedPicture(model, pool.take(), pool::give, picture.width(), picture.height());
        ops.workspace().reserve(model.imageEncoder().workspace(1));
        try (Workspace.Frame frame = ops.frame()) {
            int size = model.config().imageSize();
            Tensor input = Normalization.apply(ops, picture, ResizeFilter.BILINEAR_FLOAT, size);
            model.observer().layer("preprocessed", input);
            ImageFeatures features = encoded.features();
            model.imageEncoder().forward(ops, input, features, model.observer());
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

    /** Frees memory that is not in use. */
    @Override
    public void close() {
        pool.close();
    }
}
