package dev.sam2j.tensor.training;

/**
 * One step of AdamW (Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019) for one parameter.
 *
 * @param rate learning rate of this step
 * @param beta1 decay of the mean of gradients
 * @param beta2 decay of the mean of squared gradients
 * @param eps added to the root of the mean square
 * @param weightDecay share of the weight, times the rate, that is taken off
 * @param step number of this step of this parameter, from 1
 * @param gradientScale factor on the gradient before anything else: clipping and the mean over micro-batches
 */
public record AdamStep(
        double rate, double beta1, double beta2, double eps, double weightDecay, long step, double gradientScale) {}
