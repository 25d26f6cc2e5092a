package dev.sam2j.training.objective;

import dev.sam2j.hiera.StageFeatures;
import dev.sam2j.tensor.training.MaskTruth;
import java.util.List;

/**
 * Pictures and N of their objects that are learned from together.
 *
 * @param pictures features of each picture, each (1, ...)
 * @param pictureOf for each object the number of its picture; objects of one picture follow each other
 * @param truth the true masks at the size of the model's pictures
 * @param prompts of each object
 */
public record Batch(List<StageFeatures> pictures, int[] pictureOf, MaskTruth truth, PromptPlan prompts) {
    /** N. */
    public int objects() {
        return pictureOf.length;
    }
}
