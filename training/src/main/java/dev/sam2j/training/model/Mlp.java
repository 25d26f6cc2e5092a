package dev.sam2j.training.model;

import dev.sam2j.tensor.Activation;
import dev.sam2j.training.grad.GradOps;
import dev.sam2j.training.grad.ParameterStore;
import dev.sam2j.training.grad.Var;

/** Linear layers {@code layers.0 ... layers.n-1} with a ReLU between them. */
final class Mlp {
    private final Linear[] layers;

    /** A perceptron whose inner widths are all {@code hidden}. */
    Mlp(ParameterStore.Path path, int in, int hidden, int out, int layers) {
        this.layers = new Linear[layers];
        for (int i = 0; i < layers; i++) {
            this.layers[i] = Linear.of(path.at("layers").at(i), i == 0 ? in : hidden, i == layers - 1 ? out : hidden);
        }
    }

    Var forward(GradOps ops, Var x) {
        return layers[layers.length - 1].forward(ops, hidden(ops, x));
    }

    /** {@code residual + mlp(x)}. */
    Var forwardAdd(GradOps ops, Var x, Var residual) {
        return layers[layers.length - 1].forwardAdd(ops, hidden(ops, x), residual);
    }

    private Var hidden(GradOps ops, Var x) {
        Var hidden = x;
        for (int i = 0; i < layers.length - 1; i++) {
            hidden = ops.activation(Activation.RELU, layers[i].forward(ops, hidden));
        }
        return hidden;
    }
}
