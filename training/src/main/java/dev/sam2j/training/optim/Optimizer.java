package dev.sam2j.training.optim;

import dev.sam2j.tensor.training.AdamStep;
import dev.sam2j.tensor.training.TrainingOps;
import dev.sam2j.training.grad.Parameter;
import dev.sam2j.training.grad.ParameterStore;

/** Makes steps of AdamW with all trained parameters that took part in the loss; the others are left as they are. */
public final class Optimizer {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPS = 1e-8;
    /** Keeps the factor of a vanishing gradient finite. */
    private static final double NORM_EPS = 1e-6;

    private final TrainingOps ops;
    private final ParameterStore parameters;
    private final double weightDecay;
    private final double clip;

    /**
     * An optimiser.
     *
     * @param weightDecay of the parameters that decay, see {@link WeightDecay}
     * @param clip longest gradient, all parameters together
     */
    public Optimizer(TrainingOps ops, ParameterStore parameters, double weightDecay, double clip) {
        this.ops = ops;
        this.parameters = parameters;
        this.weightDecay = weightDecay;
        this.clip = clip;
    }

    /**
     * Length of the gradient of all parameters together; not finite if an element is not.
     *
     * @param batches whose gradients have been added up: their mean is meant
     */
    public double norm(int batches) {
        double sum = 0;
        for (Parameter parameter : parameters.trained()) {
            if (parameter.takesPart()) {
                sum += ops.squaredNorm(parameter.gradient());
            }
        }
        return Math.sqrt(sum) / batches;
    }

    /**
     * Makes a step.
     *
     * @param rate learning rate
     * @param norm see {@link #norm}
     */
    public void step(double rate, double norm, int batches) {
        double scale = Math.min(1, clip / (norm + NORM_EPS)) / batches;
        for (Parameter parameter : parameters.trained()) {
            if (parameter.takesPart()) {
                long step = parameter.steps() + 1;
                double decay = WeightDecay.applies(parameter.name()) ? weightDecay : 0;
                ops.adamW(
                        parameter.value(),
                        parameter.gradient(),
                        parameter.mean(),
                        parameter.square(),
                        new AdamStep(rate, BETA1, BETA2, EPS, decay, step, scale));
                parameter.setSteps(step);
                parameter.changed();
            }
        }
    }
}
