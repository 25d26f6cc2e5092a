package dev.sam2j.training.objective;

/**
 * What happened in one prediction step of a batch of N objects.
 *
 * @param losses of the step
 * @param present whether each object is called present
 * @param bestQuality for each object the mask of the highest predicted quality, which is corrected next
 * @param bestLoss for each object the mask of the lowest loss, which is trained
 */
public record StepLog(Losses losses, boolean[] present, int[] bestQuality, int[] bestLoss) {}
