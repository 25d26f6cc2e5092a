package dev.sam2j.predictors.video;

import dev.sam2j.predictors.mask.Mask;

/**
 * One object on one frame.
 *
 * @param id the object, as named by the prompts
 * @param mask its pixels
 * @param presence logit of the object being present: positive if it is
 * @param iou predicted quality of the mask, 0 to 1
 * @param lowRes low-resolution logits, {@code lowResSize * lowResSize}; -1024 throughout where it is absent; not a copy
 * @param lowResSize side of the low-resolution mask
 */
public record TrackedObject(long id, Mask mask, float presence, float iou, float[] lowRes, int lowResSize) {}
