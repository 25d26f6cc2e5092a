package dev.sam2j.predictors;

import dev.sam2j.predictors.mask.Mask;

/**
 * One mask for a prompt.
 *
 * @param mask pixels of the picture that belong to the object
 * @param score quality the model expects of the mask: its intersection over union with the truth, 0 to 1
 * @param lowRes logits before enlargement, which can be given back as a prompt
 * @param logits logits at the picture's resolution in row-major order, or null if they were not asked for; not copied
 */
public record PredictedMask(Mask mask, float score, LowResMask lowRes, float[] logits) {}
