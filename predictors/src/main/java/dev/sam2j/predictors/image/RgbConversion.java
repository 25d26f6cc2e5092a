package dev.sam2j.predictors.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.util.Arrays;

/**
 * Conversion of any {@link BufferedImage} to 8-bit RGB. The samples are taken as stored: {@code getRGB} would apply
 * colour profiles and treat grey as linear light, which brightens it.
 */
final class RgbConversion {
    private RgbConversion() {}

    static byte[] toRgb(BufferedImage image) {
        ColorModel model = image.getColorModel();
        byte[] rgb = new byte[image.getWidth() * image.getHeight() * 3];
        if (image.getType() == BufferedImage.TYPE_3BYTE_BGR && tightlyPacked(image)) {
            fromBgr(((DataBufferByte) image.getRaster().getDataBuffer()).getData(), rgb);
        } else if (model instanceof IndexColorModel palette) {
            fromPalette(image.getRaster(), palette, rgb);
        } else if (hasPlainSamples(model)) {
            fromSamples(image.getRaster(), model, rgb);
        } else {
            fromColours(image, rgb);
        }
        return rgb;
    }

    private static boolean tightlyPacked(BufferedImage image) {
        return image.getRaster().getParent() == null
                && image.getRaster().getDataBuffer().getSize() == image.getWidth() * image.getHeight() * 3;
    }

    private static void fromBgr(byte[] bgr, byte[] rgb) {
        for (int i = 0; i < rgb.length; i += 3) {
            rgb[i] = bgr[i + 2];
            rgb[i + 1] = bgr[i + 1];
            rgb[i + 2] = bgr[i];
        }
    }

    private static void fromPalette(Raster raster, IndexColorModel palette, byte[] rgb) {
        int[] row = new int[raster.getWidth()];
        for (int y = 0, out = 0; y < raster.getHeight(); y++) {
            raster.getSamples(raster.getMinX(), raster.getMinY() + y, row.length, 1, 0, row);
            for (int index : row) {
                int colour = index < palette.getMapSize() ? palette.getRGB(index) : 0;
                rgb[out++] = (byte) (colour >> 16);
                rgb[out++] = (byte) (colour >> 8);
                rgb[out++] = (byte) colour;
            }
        }
    }

    /** Whether samples are unsigned integers of grey or RGB, not multiplied by alpha. */
    private static boolean hasPlainSamples(ColorModel model) {
        int space = model.getColorSpace().getType();
        int type = model.getTransferType();
        boolean unsigned =
                type == DataBuffer.TYPE_BYTE || type == DataBuffer.TYPE_USHORT || type == DataBuffer.TYPE_INT;
        return unsigned
                && !(model.hasAlpha() && model.isAlphaPremultiplied())
                && (space == ColorSpace.TYPE_RGB && model.getNumColorComponents() == 3 || space == ColorSpace.TYPE_GRAY)
                && Arrays.stream(model.getComponentSize()).allMatch(bits -> bits >= 1 && bits <= 16);
    }

    private static void fromSamples(Raster raster, ColorModel model, byte[] rgb) {
        int width = raster.getWidth();
        int bands = raster.getNumBands();
        int colours = model.getNumColorComponents();
        int[] band = new int[3];
        byte[][] scale = new byte[3][];
        for (int c = 0; c < 3; c++) {
            band[c] = colours == 3 ? c : 0;
            scale[c] = scaleTable(model.getComponentSize(band[c]));
        }
        int[] row = new int[width * bands];
        for (int y = 0, out = 0; y < raster.getHeight(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int in = 0; in < row.length; in += bands) {
                rgb[out++] = scale[0][row[in + band[0]]];
                rgb[out++] = scale[1][row[in + band[1]]];
                rgb[out++] = scale[2][row[in + band[2]]];
            }
        }
    }

    /** Entry v is {@code round(255 v / (2^bits - 1))}. */
    private static byte[] scaleTable(int bits) {
        int max = (1 << bits) - 1;
        byte[] table = new byte[max + 1];
        for (int v = 0; v <= max; v++) {
            table[v] = (byte) ((v * 255 + max / 2) / max);
        }
        return table;
    }

    private static void fromColours(BufferedImage image, byte[] rgb) {
        int[] row = new int[image.getWidth()];
        for (int y = 0, out = 0; y < image.getHeight(); y++) {
            image.getRGB(0, y, row.length, 1, row, 0, row.length);
            for (int colour : row) {
                rgb[out++] = (byte) (colour >> 16);
                rgb[out++] = (byte) (colour >> 8);
                rgb[out++] = (byte) colour;
            }
        }
    }
}
