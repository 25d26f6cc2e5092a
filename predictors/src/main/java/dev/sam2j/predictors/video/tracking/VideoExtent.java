package dev.sam2j.predictors.video.tracking;

/**
 * Extent of a video.
 *
 * @param frames number of frames, {@link Integer#MAX_VALUE} if nobody knows
 * @param width of the frames in pixels
 * @param height of the frames in pixels
 */
public record VideoExtent(int frames, int width, int height) {}
