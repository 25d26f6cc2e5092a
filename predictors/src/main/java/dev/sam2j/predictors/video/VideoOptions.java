package dev.sam2j.predictors.video;

/**
 * How a video is tracked.
 *
 * @param nonOverlappingMasks whether each pixel of a result belongs to at most one object, the one of the largest logit
 * @param fillHoleArea holes of up to this many pixels of the low-resolution mask are filled; 0 leaves them
 * @param keepCorrections whether a prompt on a frame that was tracked already is remembered like a first prompt; off,
 *     it changes the frame itself but is forgotten when tracking passes there again, as in the reference
 * @param clearMemoryAroundPrompts whether a prompt makes the object forget the tracked frames around it
 * @param streaming whether to forget tracked frames that tracking forward cannot read any more: memory and disk are
 *     then bounded, but tracking backwards over them finds fewer memories
 * @param maskThreshold logit above which a pixel belongs to a mask
 * @param logits whether results hold the logits at the video's resolution too, 4 bytes a pixel and object
 */
public record VideoOptions(
        boolean nonOverlappingMasks,
        int fillHoleArea,
        boolean keepCorrections,
        boolean clearMemoryAroundPrompts,
        boolean streaming,
        float maskThreshold,
        boolean logits) {
    /** Masks may overlap, holes of up to 8 pixels are filled, corrections are kept, everything is remembered. */
    public static final VideoOptions DEFAULT = new VideoOptions(false, 8, true, false, false, 0, false);

    /** What the reference does without its builder's overrides: no holes filled, corrections forgotten. */
    public static final VideoOptions BARE = DEFAULT.withFillHoleArea(0).withKeepCorrections(false);

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if the area is negative or the threshold not finite
     */
    public VideoOptions {
        if (fillHoleArea < 0) {
            throw new IllegalArgumentException("fill hole area: expected 0 or more, got " + fillHoleArea);
        }
        if (!Float.isFinite(maskThreshold)) {
            throw new IllegalArgumentException("mask threshold: expected a finite number, got " + maskThreshold);
        }
    }

    /** These options with masks that may or may not overlap. */
    public VideoOptions withNonOverlappingMasks(boolean value) {
        return new VideoOptions(
                value, fillHoleArea, keepCorrections, clearMemoryAroundPrompts, streaming, maskThreshold, logits);
    }

    /** These options with holes filled up to the given area. */
    public VideoOptions withFillHoleArea(int value) {
        return new VideoOptions(
                nonOverlappingMasks,
                value,
                keepCorrections,
                clearMemoryAroundPrompts,
                streaming,
                maskThreshold,
                logits);
    }

    /** These options with corrections kept or forgotten. */
    public VideoOptions withKeepCorrections(boolean value) {
        return new VideoOptions(
                nonOverlappingMasks, fillHoleArea, value, clearMemoryAroundPrompts, streaming, maskThreshold, logits);
    }

    /** These options with memory around prompts cleared or not. */
    public VideoOptions withClearMemoryAroundPrompts(boolean value) {
        return new VideoOptions(
                nonOverlappingMasks, fillHoleArea, keepCorrections, value, streaming, maskThreshold, logits);
    }

    /** These options with old frames forgotten or not. */
    public VideoOptions withStreaming(boolean value) {
        return new VideoOptions(
                nonOverlappingMasks,
                fillHoleArea,
                keepCorrections,
                clearMemoryAroundPrompts,
                value,
                maskThreshold,
                logits);
    }

    /** These options with another threshold. */
    public VideoOptions withMaskThreshold(float value) {
        return new VideoOptions(
                nonOverlappingMasks, fillHoleArea, keepCorrections, clearMemoryAroundPrompts, streaming, value, logits);
    }

    /** These options with or without logits in results. */
    public VideoOptions withLogits(boolean value) {
        return new VideoOptions(
                nonOverlappingMasks,
                fillHoleArea,
                keepCorrections,
                clearMemoryAroundPrompts,
                streaming,
                maskThreshold,
                value);
    }
}
