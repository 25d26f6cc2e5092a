package dev.sam2j.hiera;

import dev.sam2j.configs.FpnNeckConfig;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import dev.sam2j.tensor.nn.Linear;
import dev.sam2j.tensor.nn.Matrices;
import dev.sam2j.tensor.weights.Parameter;
import dev.sam2j.tensor.weights.Weights;
import java.util.List;

/**
 * The feature pyramid: a 1x1 convolution per stage, the coarsest added to the next. The two finest levels feed nothing
 * but the mask decoder's 1x1 convolutions {@code conv_s0} and {@code conv_s1}, so each pair is one matrix here.
 */
final class FpnNeck {
    private final Linear lateral3;
    private final Linear lateral2;
    private final Linear level1;
    private final Linear level0;

    /**
     * A neck at {@code weights} ({@code image_encoder.neck}).
     *
     * @param decoder where {@code conv_s0} and {@code conv_s1} are stored
     */
    FpnNeck(Weights weights, FpnNeckConfig config, Weights decoder) {
        int dim = config.dModel();
        List<Integer> channels = config.backboneChannelList(); // deepest first, as are the stored convolutions
        Weights convs = weights.at("convs");
        this.lateral3 = Linear.conv1x1(convs.at(0).at("conv"), channels.get(0), dim);
        this.lateral2 = Linear.conv1x1(convs.at(1).at("conv"), channels.get(1), dim);
        this.level1 = composed(convs.at(2).at("conv"), channels.get(2), dim, decoder.at("conv_s1"), dim / 4);
        this.level0 = composed(convs.at(3).at("conv"), channels.get(3), dim, decoder.at("conv_s0"), dim / 8);
    }

    /** Stage outputs, finest first, to levels 0 to 2: (B, S/4, S/4, C/8), (B, S/8, S/8, C/4), (B, S/16, S/16, C). */
    void forward(Ops ops, List<Tensor> stages, ImageFeatures features) {
        highRes(ops, stages.get(0), stages.get(1), features);
        embedding(ops, stages, features.embedding());
    }

    /** Outputs of the first two stages to levels 0 and 1 of {@code features}. */
    void highRes(Ops ops, Tensor stage0, Tensor stage1, ImageFeatures features) {
        level0.forwardInto(ops, stage0, features.highRes0());
        level1.forwardInto(ops, stage1, features.highRes1());
    }

    /** Stage outputs, finest first, to level 2. */
    void embedding(Ops ops, List<Tensor> stages, Tensor destination) {
        try (Workspace.Frame frame = ops.frame()) {
            Tensor fine = stages.get(2);
            Tensor coarse = lateral3.forward(ops, stages.get(3)); // (B, S/32, S/32, C)
            Tensor enlarged = ops.interpolate(coarse, Interpolation.NEAREST, fine.dim(1), fine.dim(2));
            lateral2.forwardAdd(ops, fine, enlarged, destination);
        }
    }

    /** {@code second(first(x))} as one layer: W = W2 W1, b = W2 b1 + b2. */
    private static Linear composed(Weights first, int in, int dim, Weights second, int out) {
        Parameter w1 = first.get("weight", dim, in, 1, 1);
        Parameter b1 = first.get("bias", dim);
        Parameter w2 = second.get("weight", out, dim, 1, 1);
        Parameter b2 = second.get("bias", out);
        return new Linear(
                first.matrix(out, in, () -> Matrices.product(w2.read(), w1.read(), null, out, in)),
                first.constant(Shape.of(out), () -> Matrices.product(w2.read(), b1.read(), b2.read(), out, 1)));
    }
}
