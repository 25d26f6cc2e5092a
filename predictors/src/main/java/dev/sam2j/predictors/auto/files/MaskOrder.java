package dev.sam2j.predictors.auto.files;

/** Which mask a pixel belongs to where masks overlap. */
public enum MaskOrder {
    /** The one of the highest predicted IoU. */
    PREDICTED_IOU,
    /** The smallest one, so that parts stay visible on what they are part of. */
    AREA
}
