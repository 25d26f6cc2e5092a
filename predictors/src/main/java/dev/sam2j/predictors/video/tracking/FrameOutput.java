package dev.sam2j.predictors.video.tracking;

/**
 * What tracking one object on one frame left behind.
 *
 * @param entry mask logits (low resolution, holes filled) and memory
 * @param pointer object pointer
 * @param objectScore logit of the object being present
 * @param iou predicted quality of the mask, 0 to 1
 */
public record FrameOutput(FrameArchive.Entry entry, float[] pointer, float objectScore, float iou) {}
