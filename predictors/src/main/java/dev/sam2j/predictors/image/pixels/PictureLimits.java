package dev.sam2j.predictors.image.pixels;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.ReadOptions;

/**
 * Limits on what a file's header may claim, so that a file is refused before it costs more time or memory than a
 * picture of its length is worth.
 */
public final class PictureLimits {
    /** Longest side: each row costs, however short it is. */
    private static final int MAX_SIDE = 1 << 18;
    /** What a file of any length may claim: decoded within a second or two. */
    private static final long FREE_SAMPLES = 1L << 25;
    /** What a larger picture may claim for each byte of its file; blank paper as PNG has 1000 to 8000. */
    private static final int MAX_SAMPLES_PER_BYTE = 4096;
    /** Scans that a progressive JPEG may have whatever its size: encoders make 10. */
    public static final int FREE_SCANS = 20;

    private static final int MAX_SCANS = 100;
    /** Pixels that further scans may go over. */
    private static final long MAX_SCANNED_PIXELS = 1L << 27;

    private final ReadOptions options;
    private final int width;
    private final int height;
    private final long pixels;
    private final String size;

    /** Limits of a picture of a size that a header claims. */
    public PictureLimits(String name, int width, int height, ReadOptions options) {
        this.options = options;
        this.width = width;
        this.height = height;
        this.pixels = (long) width * height;
        this.size = name + " has " + width + "x" + height + " pixels";
    }

    /** Checks the number of pixels and the memory that decoding and conversion take. */
    public void check(long bitsPerPixel) {
        if (width < 1 || height < 1) {
            throw new PictureException(size);
        }
        if (pixels > options.maxPixels() || pixels > Picture.MAX_PIXELS) {
            throw new PictureException(
                    size + ", more than the limit of " + Math.min(options.maxPixels(), Picture.MAX_PIXELS));
        }
        if (Math.max(width, height) > MAX_SIDE) {
            throw new PictureException(size + ", a side longer than the limit of " + MAX_SIDE);
        }
        long bytes = pixels * (3 + (bitsPerPixel + 7) / 8);
        if (bytes > Runtime.getRuntime().maxMemory()) {
            throw new PictureException(
                    size + " and needs " + (bytes >> 20) + " MB of memory, more than the Java heap of "
                            + (Runtime.getRuntime().maxMemory() >> 20) + " MB (raise it with -Xmx)");
        }
    }

    /** Checks how often a file goes over the picture. */
    public void checkScans(int scans) {
        if (scans > MAX_SCANS || scans > FREE_SCANS && scans * pixels > MAX_SCANNED_PIXELS) {
            throw new PictureException(size + " in " + scans + " scans, which would take too long to decode");
        }
    }

    /** Checks that there are not many times more samples than bytes. */
    public void checkDensity(long samples, long fileBytes) {
        if (samples > FREE_SAMPLES && samples / MAX_SAMPLES_PER_BYTE > fileBytes) {
            throw new PictureException(size + " (" + samples + " samples) in a file of " + fileBytes
                    + " bytes, which can hold no picture of that size");
        }
    }
}
