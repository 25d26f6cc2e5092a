package dev.sam2j.tensor.nn;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.Projection;
import dev.sam2j.tensor.weights.Parameter;
import dev.sam2j.tensor.weights.Weights;

/** {@code y = x Wᵀ + b} on the last axis: {@code weight} (out, in), {@code bias} (out). */
public final class Linear {
    private final Lazy<PackedMatrix> weight;
    private final Lazy<Tensor> bias;

    /** A linear layer at {@code weights}. */
    public Linear(Weights weights, int in, int out) {
        this(weights, weights.get("weight", out, in), weights.get("bias", out), in, out);
    }

    private Linear(Weights weights, Parameter weight, Parameter bias, int in, int out) {
        this(weights.matrix(out, in, weight::read), weights.tensor(bias));
    }

    /** A linear layer from a matrix and a bias made elsewhere. */
    public Linear(Lazy<PackedMatrix> weight, Lazy<Tensor> bias) {
        this.weight = weight;
        this.bias = bias;
    }

    /** A 1x1 convolution, stored as (out, in, 1, 1). */
    public static Linear conv1x1(Weights weights, int in, int out) {
        return new Linear(weights, weights.get("weight", out, in, 1, 1), weights.get("bias", out), in, out);
    }

    /** {@code x Wᵀ + b}. */
    public Tensor forward(Ops ops, Tensor x) {
        return ops.gemm(x, weight.get(), epilogue());
    }

    /** {@code activation(x Wᵀ + b)}. */
    public Tensor forward(Ops ops, Tensor x, Activation activation) {
        return ops.gemm(x, weight.get(), epilogue().with(activation));
    }

    /** {@code residual + x Wᵀ + b} into {@code destination}, which may be the residual. */
    public void forwardAdd(Ops ops, Tensor x, Tensor residual, Tensor destination) {
        ops.gemm(x, weight.get(), epilogue().plus(residual), destination);
    }

    /** {@code x Wᵀ + b} into {@code destination}. */
    public void forwardInto(Ops ops, Tensor x, Tensor destination) {
        forwardInto(ops, x, Activation.NONE, destination);
    }

    /** {@code activation(x Wᵀ + b)} into {@code destination}. */
    public void forwardInto(Ops ops, Tensor x, Activation activation, Tensor destination) {
        ops.gemm(x, weight.get(), epilogue().with(activation), destination);
    }

    /** The layer as an operand of fused operations. */
    public Projection projection() {
        return new Projection(weight.get(), bias.get());
    }

    /** The packed matrix. */
    public PackedMatrix weight() {
        return weight.get();
    }

    /** The bias, {@code out} values. */
    public Tensor bias() {
        return bias.get();
    }

    private Epilogue epilogue() {
        return Epilogue.bias(bias.get());
    }
}
