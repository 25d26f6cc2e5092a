package dev.sam2j.cpu.training;

import dev.sam2j.tensor.training.AdamStep;

/**
 * The constants of a step of AdamW as its loops take them.
 *
 * @param gradientScale factor on the gradient
 * @param beta1 decay of the mean
 * @param rest1 {@code 1 - beta1}
 * @param beta2 decay of the mean square
 * @param rest2 {@code 1 - beta2}
 * @param rate learning rate, with the correction of the mean
 * @param root correction of the root of the mean square, a factor
 * @param eps added to the root
 * @param decay share of the weight that is taken off; 1 minus it would keep few of its digits
 */
record AdamFactors(
        float gradientScale,
        float beta1,
        float rest1,
        float beta2,
        float rest2,
        float rate,
        float root,
        float eps,
        float decay) {
    /** The constants of this step. */
    static AdamFactors of(AdamStep step) {
        return new AdamFactors(
                (float) step.gradientScale(),
                (float) step.beta1(),
                (float) (1 - step.beta1()),
                (float) step.beta2(),
                (float) (1 - step.beta2()),
                (float) (step.rate() / (1 - Math.pow(step.beta1(), step.step()))),
                (float) (1 / Math.sqrt(1 - Math.pow(step.beta2(), step.step()))),
                (float) step.eps(),
                (float) (step.rate() * step.weightDecay()));
    }
}
