package dev.sam2j.heads;

import dev.sam2j.tensor.Tensor;

/**
 * The masks of B prompts that were drawn.
 *
 * @param logits of masks {@code first} to 3, (B, 4 - first, h*w)
 * @param first the first that was drawn
 * @param iou predicted quality of all masks, (B, 4)
 */
public record DecodedMasks(Tensor logits, int first, Tensor iou) {
    /** Mask {@code m} of a prompt, (1, h*w). */
    public Tensor mask(int prompt, int m) {
        int drawn = logits.dim(1);
        Tensor rows = logits.reshape(logits.dim(0) * drawn, logits.cols());
        return rows.slice(prompt * drawn + m - first, prompt * drawn + m - first + 1);
    }
}
