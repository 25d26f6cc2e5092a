package dev.sam2j.cpu.training;

/**
 * Innermost loops of the mask losses over the pixels {@code from} to {@code to - 1} of a line, here in plain Java, in
 * {@link VectorMaskLossLoops} on the Vector API.
 */
public class MaskLossLoops {
    /**
     * Tells each pixel's truth from its logit: {@code pixels.wrong} is its logit for the wrong answer.
     *
     * @param at bit of the first pixel of the line
     * @return how many logits are positive in the upper 32 bits, how many of those inside the true mask in the lower
     */
    long compare(LossPixels pixels, long[] truth, long at, int from, int to) {
        int positive = 0;
        int inside = 0;
        for (int i = from; i < to; i++) {
            long bit = at + i;
            boolean t = (truth[(int) (bit >> 6)] >>> bit & 1) != 0;
            float x = pixels.logit()[i];
            pixels.wrong()[i] = t ? -x : x;
            positive += x > 0 ? 1 : 0;
            inside += x > 0 && t ? 1 : 0;
        }
        return (long) positive << 32 | inside;
    }

    /** Computes {@code pixels.error}, {@code right} and {@code log} from {@code wrong}. */
    void logistic(LossPixels pixels, int from, int to) {
        for (int i = from; i < to; i++) {
            double small = Math.exp(-Math.abs((double) pixels.wrong()[i]));
            double larger = 1 / (1 + small);
            boolean mistaken = pixels.wrong()[i] >= 0;
            pixels.error()[i] = (float) (mistaken ? larger : small * larger);
            pixels.right()[i] = (float) (mistaken ? small * larger : larger);
            pixels.log()[i] = (float) Math.log1p(small);
        }
    }

    /** Computes {@code pixels.focus}, {@code error} to the power of {@code gamma}. */
    void focus(LossPixels pixels, float gamma, int from, int to) {
        for (int i = from; i < to; i++) {
            float error = pixels.error()[i];
            pixels.focus()[i] = gamma == 2 ? error * error : (float) Math.pow(error, gamma);
        }
    }

    /** Adds to {@code sums} the focal losses, the probabilities, and the probabilities inside the true mask. */
    void addSums(LossPixels pixels, float alpha, double[] sums, int from, int to) {
        for (int i = from; i < to; i++) {
            boolean t = pixels.isTrue(i);
            sums[0] += (t ? alpha : 1 - alpha) * pixels.focus()[i] * pixels.crossEntropy(i);
            sums[1] += t ? pixels.right()[i] : pixels.error()[i];
            sums[2] += t ? pixels.right()[i] : 0;
        }
    }

    /**
     * Computes the derivative by each logit of {@code focal} times its focal loss, {@code probability} times its
     * probability and {@code agreement} times that inside the true mask.
     */
    void slopes(
            LossPixels pixels,
            float alpha,
            float gamma,
            float focal,
            float probability,
            float agreement,
            float[] out,
            int from,
            int to) {
        for (int i = from; i < to; i++) {
            boolean t = pixels.isTrue(i);
            float error = pixels.error()[i];
            float right = pixels.right()[i];
            float slope = pixels.focus()[i] * (error + gamma * right * pixels.crossEntropy(i));
            float weight = focal * (t ? -alpha : 1 - alpha);
            out[i] = weight * slope + (t ? probability + agreement : probability) * error * right;
        }
    }
}
