package dev.sam2j.memory;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Weights;
import dev.sam2j.tensor.nn.Conv2d;
import dev.sam2j.tensor.nn.LayerNorm;
import dev.sam2j.tensor.nn.Linear;

/** Shrinks a mask by 16: four 3x3 convolutions of stride 2, each quadrupling the channels, then a 1x1 projection. */
final class MaskDownsampler {
    private static final int STEPS = 4;
    private static final float EPS = 1e-6f;
    private static final Conv2dSpec SPEC = new Conv2dSpec(3, 2, 1);

    private final Conv2d[] convs = new Conv2d[STEPS];
    private final LayerNorm[] norms = new LayerNorm[STEPS];
    private final Linear project;

    MaskDownsampler(Weights weights, int channels) {
        Weights encoder = weights.at("encoder");
        int width = 1;
        for (int i = 0; i < STEPS; i++) {
            convs[i] = new Conv2d(encoder.at(3 * i), width, 4 * width, SPEC);
            norms[i] = new LayerNorm(encoder.at(3 * i + 1), 4 * width, EPS);
            width *= 4;
        }
        this.project = Linear.conv1x1(encoder.at(3 * STEPS), width, channels);
    }

    /**
     * {@code residual} plus the shrunk mask (B, S, S, 1), (B, S/16, S/16, C); the residual's rows repeat over the
     * batch.
     */
    void forwardAdd(Ops ops, Tensor mask, Tensor residual, Tensor destination) {
        Tensor x = mask;
        for (int i = 0; i < STEPS; i++) {
            x = convs[i].forward(ops, x);
            norms[i].forwardInPlace(ops, x, Activation.GELU);
        }
        project.forwardAdd(ops, x, residual, destination);
    }
}
