package dev.sam2j.hiera;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Section;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import dev.sam2j.tensor.weights.Weights;
import java.util.List;

/** Trunk and neck: from a normalised picture to the features that prompts and memories are applied to. */
public final class ImageEncoder {
    private final Hiera trunk;
    private final FpnNeck neck;
    private final int imageSize;
    private final int channels;

    /** An encoder whose parameters lie under the root of a checkpoint. */
    public ImageEncoder(Weights root, Sam2Config config) {
        Weights weights = root.at("image_encoder");
        this.imageSize = config.imageSize();
        this.channels = config.hiddenDim();
        this.trunk = new Hiera(weights.at("trunk"), config.imageEncoder().trunk(), config.imageSize());
        this.neck = new FpnNeck(weights.at("neck"), config.imageEncoder().neck(), root.at("sam_mask_decoder"));
    }

    /**
     * What {@link Workspace#reserve} should take before the pictures (B, S, S, 3) are made: room for them and for
     * everything that is in use at the same time while they are encoded.
     */
    public long workspace(int batch) {
        return trunk.workspace(batch, imageSize);
    }

    /** Encodes pictures (B, S, S, 3) into {@code features}, showing each layer of the trunk to {@code observer}. */
    public void forward(Ops ops, Tensor image, ImageFeatures features, LayerObserver observer) {
        if (observer != LayerObserver.NONE || !ops.backend().info().captures()) {
            try (Workspace.Frame frame = ops.frame()) {
                neck.forward(ops, trunk.forward(ops, image, observer), features);
            }
            return;
        }
        // A recording needs its results at the same place each time, callers want them anywhere.
        try (Workspace.Frame frame = ops.frame()) {
            ImageFeatures fixed = new ImageFeatures(
                    like(ops, features.embedding()), like(ops, features.highRes0()), like(ops, features.highRes1()));
            ops.capture(
                    Section.of("image encoder", this),
                    () -> neck.forward(ops, trunk.forward(ops, image, observer), fixed),
                    image,
                    fixed.embedding(),
                    fixed.highRes0(),
                    fixed.highRes1());
            ops.copy(fixed.embedding(), features.embedding());
            ops.copy(fixed.highRes0(), features.highRes0());
            ops.copy(fixed.highRes1(), features.highRes1());
        }
    }

    /** Encodes pictures (B, S, S, 3) for training, in tensors of the current frame. */
    public StageFeatures stages(Ops ops, Tensor image) {
        List<Tensor> stages = trunk.forward(ops, image, LayerObserver.NONE);
        Tensor fine = stages.get(2);
        Tensor embedding = ops.empty(fine.dim(0), fine.dim(1), fine.dim(2), channels);
        neck.embedding(ops, stages, embedding);
        return new StageFeatures(embedding, stages.get(0), stages.get(1));
    }

    /** Completes features of training, with the decoder's convolutions as they are now. */
    public void finish(Ops ops, StageFeatures stages, ImageFeatures features) {
        ops.copy(stages.embedding(), features.embedding());
        neck.highRes(ops, stages.stage0(), stages.stage1(), features);
    }

    private static Tensor like(Ops ops, Tensor tensor) {
        return ops.empty(tensor.shape().toArray());
    }
}
