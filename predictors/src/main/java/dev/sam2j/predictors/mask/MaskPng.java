package dev.sam2j.predictors.mask;

import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.PictureReader;
import dev.sam2j.predictors.image.PictureWriter;
import dev.sam2j.predictors.image.ReadOptions;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Path;

/** Masks and label maps as PNG files. Files are written completely or not at all. */
public final class MaskPng {
    private MaskPng() {}

    /** Writes a mask as 8-bit grey, 255 inside and 0 outside. */
    public static void write(Mask mask, Path file) throws IOException {
        PictureWriter.writePng(mask.toBufferedImage(), file);
    }

    /**
     * Writes labels as the pixel values. Up to 255 they are 8-bit with the colour map of PASCAL VOC and DAVIS, so
     * that the file looks right in viewers; above they are 16-bit grey.
     */
    public static void write(LabelMap labels, Path file) throws IOException {
        int[] values = labels.toLabels();
        int largest = 0;
        for (int value : values) {
            largest = Math.max(largest, value);
        }
        BufferedImage image = largest <= 255
                ? new BufferedImage(labels.width(), labels.height(), BufferedImage.TYPE_BYTE_INDEXED, vocColours())
                : new BufferedImage(labels.width(), labels.height(), BufferedImage.TYPE_USHORT_GRAY);
        image.getRaster().setPixels(0, 0, labels.width(), labels.height(), values);
        PictureWriter.writePng(image, file);
    }

    /** Reads a mask with the default limits; see {@link #read(Path, ReadOptions)}. */
    public static Mask read(Path file) {
        return read(file, ReadOptions.DEFAULT);
    }

    /**
     * Reads a mask: every pixel that is not 0 is set, whether files have 0/1, 0/255 or object numbers. Colour
     * pictures count where any of red, green and blue is not 0; alpha is not looked at.
     *
     * @throws PictureException if the file cannot be read, is not a picture, is broken, or exceeds the limits
     */
    public static Mask read(Path file, ReadOptions options) {
        BufferedImage image = PictureReader.readStored(file, options);
        Raster raster = image.getRaster();
        int colours = image.getColorModel() instanceof IndexColorModel
                ? 1
                : image.getColorModel().getNumColorComponents();
        byte[] set = new byte[raster.getWidth() * raster.getHeight()];
        int bands = raster.getNumBands();
        int[] row = new int[raster.getWidth() * bands];
        for (int y = 0, out = 0; y < raster.getHeight(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, row);
            for (int x = 0; x < row.length; x += bands, out++) {
                for (int c = 0; c < colours; c++) {
                    set[out] |= (byte) (row[x + c] != 0 ? 1 : 0);
                }
            }
        }
        return Mask.ofBytes(raster.getWidth(), raster.getHeight(), set);
    }

    /**
     * Reads a label map: the stored values of a palette or grey picture.
     *
     * @throws PictureException as {@link #read}, and if the picture is neither grey nor has a palette
     */
    public static LabelMap readLabels(Path file, ReadOptions options) {
        BufferedImage image = PictureReader.readStored(file, options);
        Raster raster = image.getRaster();
        boolean indexed = image.getColorModel() instanceof IndexColorModel;
        if (!indexed && image.getColorModel().getNumColorComponents() != 1) {
            throw new PictureException(file + " is not a label picture: it is neither grey nor has a palette");
        }
        int[] labels = raster.getSamples(
                raster.getMinX(), raster.getMinY(), raster.getWidth(), raster.getHeight(), 0, (int[]) null);
        return LabelMap.of(raster.getWidth(), raster.getHeight(), labels);
    }

    /**
     * The colour of each label in PASCAL VOC and DAVIS: bits 0, 1, 2 of the label are the highest bits of red, green,
     * blue, bits 3, 4, 5 the second highest, and so on.
     */
    public static int vocColour(int label) {
        int colour = 0;
        for (int j = 0; j < 8; j++) {
            int three = label >> 3 * j;
            colour |= (three & 1) << 23 - j | (three >> 1 & 1) << 15 - j | (three >> 2 & 1) << 7 - j;
        }
        return colour;
    }

    private static IndexColorModel vocColours() {
        int[] colours = new int[256];
        for (int i = 0; i < 256; i++) {
            colours[i] = vocColour(i);
        }
        return new IndexColorModel(8, 256, colours, 0, false, -1, DataBuffer.TYPE_BYTE);
    }
}
