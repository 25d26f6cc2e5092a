package dev.sam2j.memory;

import dev.sam2j.configs.MaskDownSamplerConfig;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.nn.Conv2d;
import dev.sam2j.tensor.nn.LayerNorm;
import dev.sam2j.tensor.nn.Linear;
import dev.sam2j.tensor.weights.Weights;

/**
 * Shrinks a mask by 16: strided convolutions that keep the number of values (four 3x3 of stride 2), then a 1x1
 * projection.
 */
final class MaskDownsampler {
    private static final float EPS = 1e-6f;

    private final Conv2d[] convs;
    private final LayerNorm[] norms;
    private final Linear project;

    MaskDownsampler(Weights weights, MaskDownSamplerConfig config, int channels) {
        int steps = config.numLayers();
        Conv2dSpec spec = new Conv2dSpec(config.kernelSize(), config.stride(), config.padding());
        int growth = config.stride() * config.stride();
        this.convs = new Conv2d[steps];
        this.norms = new LayerNorm[steps];
        Weights encoder = weights.at("encoder");
        int width = 1;
        for (int i = 0; i < steps; i++) {
            convs[i] = new Conv2d(encoder.at(3 * i), width, growth * width, spec);
            norms[i] = new LayerNorm(encoder.at(3 * i + 1), growth * width, EPS);
            width *= growth;
        }
        this.project = Linear.conv1x1(encoder.at(3 * steps), width, channels);
    }

    /**
     * {@code residual} plus the shrunk mask (B, S, S, 1), (B, S/16, S/16, C); the residual's rows repeat over the
     * batch.
     */
    void forwardAdd(Ops ops, Tensor mask, Tensor residual, Tensor destination) {
        Tensor x = mask;
        for (int i = 0; i < convs.length; i++) {
            x = convs[i].forward(ops, x);
            norms[i].forwardInPlace(ops, x, Activation.GELU);
        }
        project.forwardAdd(ops, x, residual, destination);
    }
}
