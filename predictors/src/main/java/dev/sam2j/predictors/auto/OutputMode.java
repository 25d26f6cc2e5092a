package dev.sam2j.predictors.auto;

/** How segmentations of automatic masks are written to JSON; in memory they are always run lengths. */
public enum OutputMode {
    /** One number, 0 or 1, per pixel, row by row. */
    BINARY_MASK,
    /** Run lengths of COCO as a list of numbers. */
    UNCOMPRESSED_RLE,
    /** Run lengths of COCO as pycocotools' string. */
    COCO_RLE
}
