package dev.sam2j.tensor.nn;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.Norm;
import dev.sam2j.tensor.weights.Weights;

/**
 * Layer normalisation over the last axis, {@code weight} and {@code bias} of its length; also the channel norm of
 * images.
 */
public final class LayerNorm {
    private final Lazy<Tensor> weight;
    private final Lazy<Tensor> bias;
    private final float eps;

    /** A layer norm over {@code channels} values at {@code weights}. */
    public LayerNorm(Weights weights, int channels, float eps) {
        this.weight = weights.tensor(weights.get("weight", channels));
        this.bias = weights.tensor(weights.get("bias", channels));
        this.eps = eps;
    }

    /** The normalised x in a new tensor. */
    public Tensor forward(Ops ops, Tensor x) {
        return ops.layerNorm(x, weight.get(), bias.get(), eps);
    }

    /** The normalised x in {@code destination}, which may be x. */
    public void forwardInto(Ops ops, Tensor x, Tensor destination) {
        ops.layerNorm(x, weight.get(), bias.get(), eps, Activation.NONE, destination);
    }

    /** Normalises x where it lies and applies {@code activation}. */
    public void forwardInPlace(Ops ops, Tensor x, Activation activation) {
        ops.layerNorm(x, weight.get(), bias.get(), eps, activation, x);
    }

    /** The layer as an operand of fused operations. */
    public Norm norm() {
        return new Norm(weight.get(), bias.get(), eps);
    }
}
