package dev.sam2j.tensor.training;

/**
 * What the losses of one mask are made of: sums over the pixels of the enlarged logits x, with p = sigmoid(x) and the
 * true mask t.
 *
 * @param focal sum of {@code a_t (1 - p_t)^g ce(x, t)} (Lin et al., Focal Loss for Dense Object Detection, 2017)
 * @param probability sum of p
 * @param agreement sum of p t
 * @param intersection pixels with x &gt; 0 inside the true mask
 * @param union pixels with x &gt; 0 or inside the true mask
 */
public record MaskLossSums(double focal, double probability, double agreement, long intersection, long union) {}
