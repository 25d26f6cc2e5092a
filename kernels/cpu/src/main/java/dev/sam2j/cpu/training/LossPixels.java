package dev.sam2j.cpu.training;

import dev.sam2j.cpu.runtime.Scratch;

/**
 * What the losses of the pixels of a line are made of. Everything is told from the logit for the wrong answer, which
 * makes pixels inside and outside the true mask the same and never subtracts a probability from 1.
 *
 * @param logit x
 * @param wrong -x inside the true mask, x outside; the sign of 0 is kept
 * @param error {@code sigmoid(wrong)}, the probability of the wrong answer
 * @param right {@code sigmoid(-wrong)}, the probability of the right answer
 * @param log {@code log(1 + exp(-|x|))}
 * @param focus {@code error} to the power of the focal loss' exponent
 */
record LossPixels(float[] logit, float[] wrong, float[] error, float[] right, float[] log, float[] focus) {
    /** Lines of {@code n} pixels in the scratch arrays from number {@code slot} on. */
    static LossPixels of(Scratch scratch, int slot, int n) {
        return new LossPixels(
                scratch.floats(slot, n),
                scratch.floats(slot + 1, n),
                scratch.floats(slot + 2, n),
                scratch.floats(slot + 3, n),
                scratch.floats(slot + 4, n),
                scratch.floats(slot + 5, n));
    }

    /** Whether pixel i is inside the true mask: where the signs differ. */
    boolean isTrue(int i) {
        return (Float.floatToRawIntBits(logit[i]) ^ Float.floatToRawIntBits(wrong[i])) < 0;
    }

    /** {@code log(1 + exp(wrong))} of pixel i. */
    float crossEntropy(int i) {
        return Math.max(wrong[i], 0) + log[i];
    }
}
