package dev.sam2j.tensor.nn;

import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.weights.Parameter;
import dev.sam2j.tensor.weights.Weights;

/** Convolution of each channel with a kernel of its own; {@code weight} is stored as (channels, 1, kernel, kernel). */
public final class DepthwiseConv2d {
    private final Lazy<Tensor> weight;
    private final Lazy<Tensor> bias;
    private final Conv2dSpec spec;

    /** A depthwise convolution at {@code weights}. */
    public DepthwiseConv2d(Weights weights, int channels, Conv2dSpec spec) {
        int k = spec.kernel();
        Parameter stored = weights.get("weight", channels, 1, k, k);
        this.weight = weights.constant(
                Shape.of(k, k, channels), () -> Conv2d.channelsLast(stored.read(), 1, channels, k * k));
        this.bias = weights.tensor(weights.get("bias", channels));
        this.spec = spec;
    }

    /** The convolved x plus bias. */
    public Tensor forward(Ops ops, Tensor x) {
        return ops.depthwiseConv2d(x, weight.get(), bias.get(), spec);
    }
}
