package dev.sam2j.memory;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import dev.sam2j.tensor.nn.DepthwiseConv2d;
import dev.sam2j.tensor.nn.LayerNorm;
import dev.sam2j.tensor.nn.Linear;
import dev.sam2j.tensor.nn.Mlp;
import dev.sam2j.tensor.weights.Weights;

/** A ConvNeXt block: depthwise 7x7, norm, perceptron, scaled per channel and added. */
final class FuserBlock {
    private static final int EXPANSION = 4;
    private static final float EPS = 1e-6f;
    private static final Conv2dSpec SPEC = new Conv2dSpec(7, 1, 3);

    private final DepthwiseConv2d depthwise;
    private final LayerNorm norm;
    private final Mlp pointwise;
    private final Lazy<Tensor> gamma;

    FuserBlock(Weights weights, int channels) {
        this.gamma = weights.tensor(weights.get("gamma", channels));
        this.depthwise = new DepthwiseConv2d(weights.at("dwconv"), channels, SPEC);
        this.norm = new LayerNorm(weights.at("norm"), channels, EPS);
        this.pointwise = new Mlp(
                Activation.GELU,
                new Linear(weights.at("pwconv1"), channels, EXPANSION * channels),
                new Linear(weights.at("pwconv2"), EXPANSION * channels, channels));
    }

    /** Updates x (B, h, w, C) where it lies. */
    void forward(Ops ops, Tensor x) {
        try (Workspace.Frame frame = ops.frame()) {
            Tensor branch = depthwise.forward(ops, x);
            norm.forwardInPlace(ops, branch, Activation.NONE);
            pointwise.forwardAdd(ops, branch, gamma.get(), x, x);
        }
    }
}
