package dev.sam2j.training.model;

import dev.sam2j.training.grad.GradOps;
import dev.sam2j.training.grad.ParameterStore;
import dev.sam2j.training.grad.Var;
import dev.sam2j.training.grad.Weight;

/** {@code y = x Wᵀ + b} on the last axis. */
record Linear(Weight weight, Var bias) {
    /** A linear layer with {@code weight} (out, in) and {@code bias} (out). */
    static Linear of(ParameterStore.Path path, int in, int out) {
        return new Linear(
                path.matrix("weight", out, in), path.vector("bias", out).var());
    }

    /** A convolution with a k x k kernel, stored as (out, in, k, k). */
    static Linear convolution(ParameterStore.Path path, int in, int out, int k) {
        return new Linear(
                path.matrix("weight", out, in, k, k), path.vector("bias", out).var());
    }

    /** A transposed convolution with a 2x2 kernel, stored as (in, out, 2, 2). */
    static Linear transposed(ParameterStore.Path path, int in, int out) {
        return new Linear(
                path.transposed("weight", in, out), path.vector("bias", out).var());
    }

    Var forward(GradOps ops, Var x) {
        return ops.linear(x, weight, bias);
    }

    /** {@code residual + x Wᵀ + b}. */
    Var forwardAdd(GradOps ops, Var x, Var residual) {
        return ops.linear(x, weight, bias, residual);
    }
}
