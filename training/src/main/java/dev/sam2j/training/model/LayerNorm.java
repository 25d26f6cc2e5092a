package dev.sam2j.training.model;

import dev.sam2j.training.grad.GradOps;
import dev.sam2j.training.grad.ParameterStore;
import dev.sam2j.training.grad.Var;

/** Layer normalisation over the last axis; also the channel norm of images. */
record LayerNorm(Var weight, Var bias, float eps) {
    static LayerNorm of(ParameterStore.Path path, int channels, float eps) {
        return new LayerNorm(
                path.vector("weight", channels).var(),
                path.vector("bias", channels).var(),
                eps);
    }

    Var forward(GradOps ops, Var x) {
        return ops.layerNorm(x, weight, bias, eps);
    }
}
