package dev.sam2j.predictors.mask;

import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.image.files.PictureReader;
import dev.sam2j.predictors.image.files.PngFile;
import dev.sam2j.predictors.mask.pixels.LabelPixels;
import dev.sam2j.predictors.mask.pixels.MaskPixels;
import dev.sam2j.predictors.mask.pixels.NumpyPicture;
import dev.sam2j.predictors.mask.pixels.VocPalette;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.stream.IntStream;

/** Masks and label maps: written as PNG files, completely or not at all, and read from pictures of any kind. */
public final class MaskPng {
    private MaskPng() {}

    /**
     * Writes a mask as 8-bit grey, 255 inside and 0 outside.
     *
     * @throws java.io.UncheckedIOException if the file cannot be written
     */
    public static void write(Mask mask, Path file) {
        PngFile.write(mask.toBufferedImage(), file);
    }

    /**
     * Writes labels as the pixel values. Up to 254 they are 8-bit with the colours of {@link VocPalette}, so that the
     * file looks right in viewers; above they are 16-bit grey, since 255 of 8 bits is void in DAVIS.
     *
     * @throws java.io.UncheckedIOException if the file cannot be written
     */
    public static void write(LabelMap labels, Path file) {
        int[] values = labels.toLabels();
        int largest = IntStream.of(values).max().orElseThrow();
        BufferedImage image = largest < MaskPixels.VOID
                ? new BufferedImage(
                        labels.width(), labels.height(), BufferedImage.TYPE_BYTE_INDEXED, VocPalette.model())
                : new BufferedImage(labels.width(), labels.height(), BufferedImage.TYPE_USHORT_GRAY);
        image.getRaster().setPixels(0, 0, labels.width(), labels.height(), values);
        PngFile.write(image, file);
    }

    /** Reads a mask with the default limits; see {@link #read(Path, ReadOptions)}. */
    public static Mask read(Path file) {
        return read(file, ReadOptions.DEFAULT);
    }

    /**
     * Reads a mask from a picture of any kind or a NumPy array (height, width): light pixels are the object. If the
     * mask is soft (antialiased, blurred, a probability map of 0 to 1) or was stored with losses, those from half of
     * full light on; if its values are object numbers, all but 0 and DAVIS's void; the colours of a palette decide, not
     * its numbers. Where only the transparency varies, opaque pixels are the object.
     *
     * @throws PictureException if the file cannot be read, is not a picture, is broken, or exceeds the limits, and if
     *     it is unclear which pixels are meant
     */
    public static Mask read(Path file, ReadOptions options) {
        return MaskPixels.of(stored(file, options), file.toString());
    }

    /**
     * Reads a label map: the stored values of a palette or grey picture; of pictures in the colours of
     * {@link VocPalette} their labels.
     *
     * @throws PictureException as {@link #read}, and if the values are no labels
     */
    public static LabelMap readLabels(Path file, ReadOptions options) {
        return LabelPixels.of(stored(file, options), file.toString());
    }

    private static BufferedImage stored(Path file, ReadOptions options) {
        return NumpyPicture.isNumpy(file) ? NumpyPicture.read(file, options) : PictureReader.readStored(file, options);
    }
}
