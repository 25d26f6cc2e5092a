package dev.sam2j.video;

/**
 * How video files are read.
 *
 * @param maxPixels largest accepted width times height of the frames
 * @param applyOrientation whether to turn and mirror the frames as the file says, so that they stand as players show
 *     them
 * @param strict whether the video ends at the first damage, frame and packet alike, and a missing end is one more frame
 *     that cannot be read; otherwise what cannot be decoded is passed over, as players do
 */
public record VideoReadOptions(long maxPixels, boolean applyOrientation, boolean strict) {
    /** Up to 2<sup>26</sup> pixels, turned as players show them, damage passed over. */
    public static final VideoReadOptions DEFAULT = new VideoReadOptions(VideoFile.MAX_PIXELS, true, false);

    /** Checks that the limit is positive and not above {@link VideoFile#MAX_PIXELS}. */
    public VideoReadOptions {
        if (maxPixels < 1 || maxPixels > VideoFile.MAX_PIXELS) {
            throw new IllegalArgumentException(
                    "video read options: expected 1 to " + VideoFile.MAX_PIXELS + " pixels, got " + maxPixels);
        }
    }

    /** These options with another limit of pixels. */
    public VideoReadOptions withMaxPixels(long pixels) {
        return new VideoReadOptions(pixels, applyOrientation, strict);
    }

    /** These options with the file's orientation applied or ignored. */
    public VideoReadOptions withOrientation(boolean apply) {
        return new VideoReadOptions(maxPixels, apply, strict);
    }

    /** These options with the video ending at the first damage or not. */
    public VideoReadOptions withStrict(boolean endAtDamage) {
        return new VideoReadOptions(maxPixels, applyOrientation, endAtDamage);
    }
}
