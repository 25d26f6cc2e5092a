package dev.sam2j.predictors;

/**
 * How a prompt is answered.
 *
 * @param multimask whether to return three alternatives rather than one mask; sensible for a single click, which may
 *     mean a part or the whole
 * @param normalizedCoordinates whether coordinates are fractions of the picture's width and height instead of pixels
 * @param maskThreshold logit above which a pixel belongs to the mask
 * @param maxHoleArea holes of up to this many pixels of the low-resolution mask are filled; 0 leaves them
 * @param maxSprinkleArea islands of up to this many pixels of the low-resolution mask are removed; 0 leaves them
 * @param fullLogits whether to keep the logits at the picture's resolution too, 4 bytes a pixel and mask
 */
public record PredictOptions(
        boolean multimask,
        boolean normalizedCoordinates,
        float maskThreshold,
        int maxHoleArea,
        int maxSprinkleArea,
        boolean fullLogits) {
    /** Three alternatives, pixel coordinates, threshold 0, masks as predicted. */
    public static final PredictOptions DEFAULT = new PredictOptions(true, false, 0, 0, 0, false);

    /** One mask, otherwise as {@link #DEFAULT}. */
    public static final PredictOptions SINGLE = DEFAULT.withMultimask(false);

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if the threshold is not finite or an area is negative
     */
    public PredictOptions {
        if (!Float.isFinite(maskThreshold)) {
            throw new IllegalArgumentException("mask threshold: expected a finite number, got " + maskThreshold);
        }
        if (maxHoleArea < 0 || maxSprinkleArea < 0) {
            throw new IllegalArgumentException("areas of holes and sprinkles must not be negative, got " + maxHoleArea
                    + " and " + maxSprinkleArea);
        }
    }

    /** These options with one mask or three. */
    public PredictOptions withMultimask(boolean value) {
        return new PredictOptions(
                value, normalizedCoordinates, maskThreshold, maxHoleArea, maxSprinkleArea, fullLogits);
    }

    /** These options with coordinates in fractions of the picture or in pixels. */
    public PredictOptions withNormalizedCoordinates(boolean value) {
        return new PredictOptions(multimask, value, maskThreshold, maxHoleArea, maxSprinkleArea, fullLogits);
    }

    /** These options with another threshold. */
    public PredictOptions withMaskThreshold(float value) {
        return new PredictOptions(multimask, normalizedCoordinates, value, maxHoleArea, maxSprinkleArea, fullLogits);
    }

    /** These options with holes filled and islands removed up to the given areas, in low-resolution pixels. */
    public PredictOptions withCleanup(int holeArea, int sprinkleArea) {
        return new PredictOptions(multimask, normalizedCoordinates, maskThreshold, holeArea, sprinkleArea, fullLogits);
    }

    /** These options with or without logits at the picture's resolution. */
    public PredictOptions withFullLogits(boolean value) {
        return new PredictOptions(multimask, normalizedCoordinates, maskThreshold, maxHoleArea, maxSprinkleArea, value);
    }
}
