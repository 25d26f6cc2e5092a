package dev.sam2j.tensor;

/** How {@link Backend#imageToTensor} scales an 8-bit picture. */
public enum ResizeFilter {
    /** Division by 255, then an antialiased triangle filter in float32: the image predictor's path. */
    BILINEAR_FLOAT,
    /** Antialiased cubic (a = -0.5) on 8-bit values with 8-bit rounding between the passes: the video folder path. */
    BICUBIC_8BIT
}
