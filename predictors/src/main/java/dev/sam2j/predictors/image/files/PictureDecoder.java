package dev.sam2j.predictors.image.files;

import dev.sam2j.predictors.image.PictureException;
import java.awt.image.BufferedImage;
import java.io.IOException;

/**
 * Decodes pictures of formats that are not read without it. Found by {@link java.util.ServiceLoader}; the module
 * sam2j-video-io brings those for AVIF, HEIF and JPEG 2000.
 */
public interface PictureDecoder {
    /** Is asked before memory is taken for pixels. */
    @FunctionalInterface
    interface SizeCheck {
        /**
         * Checks a size.
         *
         * @throws PictureException if the picture is too large
         */
        void check(int width, int height);
    }

    /** Whether a file is of a format that this decodes, by its first bytes. */
    boolean accepts(byte[] file);

    /**
     * Decodes the main picture of a file to RGB.
     *
     * @param file the whole file, which stays as it is
     * @param name what messages call it
     * @param upright whether to turn and mirror the picture as the file says
     * @param limits checks the size of the picture, and of what it is made of, before they are decoded
     * @throws PictureException if the file is broken, too large, or cannot be decoded here, in one sentence
     * @throws IOException if the file is broken, to be told with the file's name
     */
    BufferedImage decode(byte[] file, String name, boolean upright, SizeCheck limits) throws IOException;
}
