package dev.sam2j.tensor;

/**
 * A layer norm: see {@link Backend#layerNorm}.
 *
 * @param gamma one factor per column
 * @param beta one addend per column
 * @param eps added to the variance
 */
public record Norm(Tensor gamma, Tensor beta, float eps) {}
