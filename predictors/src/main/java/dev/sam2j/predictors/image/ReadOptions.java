package dev.sam2j.predictors.image;

/**
 * How picture files are read.
 *
 * @param maxPixels largest accepted width times height; larger pictures are refused before memory is taken for them
 * @param maxFileBytes largest accepted file in bytes
 * @param applyOrientation whether to turn and mirror the picture as its EXIF orientation says, so that it stands as
 *     viewers show it; the reference implementation of SAM 2 ignores the orientation
 */
public record ReadOptions(long maxPixels, long maxFileBytes, boolean applyOrientation) {
    /** Up to 2<sup>28</sup> pixels and 2<sup>29</sup> bytes, EXIF orientation applied. */
    public static final ReadOptions DEFAULT = new ReadOptions(1L << 28, 1L << 29, true);

    /** Checks that the limits are positive. */
    public ReadOptions {
        if (maxPixels < 1 || maxFileBytes < 1) {
            throw new IllegalArgumentException("read options: limits must be positive, got " + maxPixels
                    + " pixels and " + maxFileBytes + " bytes");
        }
    }

    /** These options with another limit of pixels. */
    public ReadOptions withMaxPixels(long pixels) {
        return new ReadOptions(pixels, maxFileBytes, applyOrientation);
    }

    /** These options with the EXIF orientation applied or ignored. */
    public ReadOptions withOrientation(boolean apply) {
        return new ReadOptions(maxPixels, maxFileBytes, apply);
    }
}
