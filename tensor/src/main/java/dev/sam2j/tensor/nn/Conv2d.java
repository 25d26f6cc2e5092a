package dev.sam2j.tensor.nn;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.weights.Parameter;
import dev.sam2j.tensor.weights.Weights;

/** Convolution with a square kernel on (B, H, W, in); {@code weight} is stored as (out, in, kernel, kernel). */
public final class Conv2d {
    private final Lazy<PackedMatrix> weight;
    private final Lazy<Tensor> bias;
    private final Conv2dSpec spec;

    /** A convolution at {@code weights}. */
    public Conv2d(Weights weights, int in, int out, Conv2dSpec spec) {
        int k = spec.kernel();
        Parameter stored = weights.get("weight", out, in, k, k);
        this.weight = weights.matrix(out, k * k * in, () -> channelsLast(stored.read(), out, in, k * k));
        this.bias = weights.tensor(weights.get("bias", out));
        this.spec = spec;
    }

    /** {@code conv(x) + bias}. */
    public Tensor forward(Ops ops, Tensor x) {
        return ops.conv2d(x, weight.get(), spec, Epilogue.bias(bias.get()));
    }

    /** {@code conv(x) + bias + residual} into {@code destination}; the residual's rows repeat over the batch. */
    public void forwardAdd(Ops ops, Tensor x, Tensor residual, Tensor destination) {
        ops.conv2d(x, weight.get(), spec, Epilogue.bias(bias.get()).plus(residual), destination);
    }

    /** {@code activation(conv(x) + bias)}. */
    public Tensor forward(Ops ops, Tensor x, Activation activation) {
        return ops.conv2d(x, weight.get(), spec, Epilogue.bias(bias.get()).with(activation));
    }

    /** (out, in, taps) to (out, taps, in). */
    static float[] channelsLast(float[] stored, int out, int in, int taps) {
        float[] packed = new float[stored.length];
        for (int o = 0; o < out; o++) {
            for (int c = 0; c < in; c++) {
                for (int t = 0; t < taps; t++) {
                    packed[(o * taps + t) * in + c] = stored[(o * in + c) * taps + t];
                }
            }
        }
        return packed;
    }
}
