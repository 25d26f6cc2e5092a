package dev.sam2j.training.optim;

/**
 * The learning rate of each step: a linear rise, then half a cosine (Loshchilov and Hutter, SGDR, 2017) to a tenth,
 * {@code r0 (f + (1 - f) (1 + cos(pi w)) / 2)} with f = 0.1 and w from 0 to 1. Without a rise the first step has r0.
 *
 * @param highest r0
 * @param steps of the whole run, at least 1
 * @param warmUp share of the steps in which the rate rises, 0 to 1
 */
public record LearningRates(double highest, long steps, double warmUp) {
    private static final double FLOOR = 0.1;

    /** The rate of a step, counted from 0. */
    public double at(long step) {
        long rise = Math.round(warmUp * steps);
        if (step < rise) {
            return highest * (step + 1) / (rise + 1);
        }
        double w = (double) (step - rise) / Math.max(1, steps - rise);
        return highest * (FLOOR + (1 - FLOOR) * (1 + Math.cos(Math.PI * w)) / 2);
    }
}
