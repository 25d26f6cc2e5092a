package dev.sam2j.tensor.nn;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.weights.Weights;

/** Linear layers {@code layers.0 ... layers.n-1} with an activation between them. */
public final class Mlp {
    private final Linear[] layers;
    private final Activation activation;

    /**
     * A perceptron at {@code weights}.
     *
     * @param layers number of linear layers, at least 2; all inner widths are {@code hidden}
     */
    public Mlp(Weights weights, int in, int hidden, int out, int layers, Activation activation) {
        this.layers = new Linear[layers];
        for (int i = 0; i < layers; i++) {
            this.layers[i] =
                    new Linear(weights.at("layers").at(i), i == 0 ? in : hidden, i == layers - 1 ? out : hidden);
        }
        this.activation = activation;
    }

    /** A perceptron of layers made elsewhere. */
    public Mlp(Activation activation, Linear... layers) {
        this.layers = layers.clone();
        this.activation = activation;
    }

    /** The last layer's output. */
    public Tensor forward(Ops ops, Tensor x) {
        return forward(ops, x, Activation.NONE);
    }

    /** The last layer's output after {@code last}. */
    public Tensor forward(Ops ops, Tensor x, Activation last) {
        return layers[layers.length - 1].forward(ops, hidden(ops, x), last);
    }

    /** The last layer's output after {@code last}, in {@code destination}. */
    public void forwardInto(Ops ops, Tensor x, Activation last, Tensor destination) {
        layers[layers.length - 1].forwardInto(ops, hidden(ops, x), last, destination);
    }

    private Tensor hidden(Ops ops, Tensor x) {
        Tensor hidden = x;
        for (int i = 0; i < layers.length - 1; i++) {
            hidden = layers[i].forward(ops, hidden, activation);
        }
        return hidden;
    }

    /**
     * {@code destination = residual + scale * mlp(x)} for a perceptron of two layers, fused where the backend can.
     *
     * @param scale one factor per column, or null
     */
    public void forwardAdd(Ops ops, Tensor x, Tensor scale, Tensor residual, Tensor destination) {
        if (layers.length != 2) {
            throw new IllegalStateException("mlp: expected 2 layers, got " + layers.length);
        }
        Epilogue last = new Epilogue(layers[1].bias(), Activation.NONE, scale, residual);
        ops.run(new dev.sam2j.tensor.fused.Mlp(
                x, layers[0].projection(), activation, layers[1].weight(), last, destination));
    }
}
