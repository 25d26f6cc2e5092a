package dev.sam2j.tensor.fused;

import static dev.sam2j.tensor.Checks.checkVector;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;

/**
 * A layer norm: see {@link Ops#layerNorm}.
 *
 * @param gamma one factor per column
 * @param beta one addend per column
 * @param eps added to the variance
 */
public record Norm(Tensor gamma, Tensor beta, float eps) {
    /** Normalises x where it lies and applies {@code activation}. */
    void forwardInPlace(Ops ops, Tensor x, Activation activation) {
        ops.layerNorm(x, gamma, beta, eps, activation, x);
    }

    void checkFits(String op, int columns) {
        checkVector(op, "gamma", gamma, columns);
        checkVector(op, "beta", beta, columns);
    }
}
