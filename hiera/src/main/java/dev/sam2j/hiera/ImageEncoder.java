package dev.sam2j.hiera;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Weights;
import dev.sam2j.tensor.Workspace;

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
        this.trunk = new Hiera(weights.at("trunk"), config.imageEncoder().trunk(), imageSize);
        this.neck = new FpnNeck(weights.at("neck"), config.imageEncoder().neck(), root.at("sam_mask_decoder"));
    }

    /** Encodes pictures (B, S, S, 3). */
    public ImageFeatures forward(Ops ops, Tensor image) {
        return forward(ops, image, LayerObserver.NONE);
    }

    /** Encodes pictures (B, S, S, 3), showing each layer of the trunk to {@code observer}. */
    public ImageFeatures forward(Ops ops, Tensor image, LayerObserver observer) {
        int batch = image.dim(0);
        ImageFeatures features = new ImageFeatures(
                ops.empty(batch, imageSize / 16, imageSize / 16, channels),
                ops.empty(batch, imageSize / 4, imageSize / 4, channels / 8),
                ops.empty(batch, imageSize / 8, imageSize / 8, channels / 4));
        forward(ops, image, features, observer);
        return features;
    }

    /** Encodes pictures into tensors that the caller owns. */
    public void forward(Ops ops, Tensor image, ImageFeatures features, LayerObserver observer) {
        try (Workspace.Frame frame = ops.frame()) {
            neck.forward(ops, trunk.forward(ops, image, observer), features);
        }
    }
}
