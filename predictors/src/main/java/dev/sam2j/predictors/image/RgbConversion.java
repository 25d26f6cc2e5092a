package dev.sam2j.predictors.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.DirectColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Conversion of any {@link BufferedImage} to 8-bit RGB. The samples are taken as stored: {@code getRGB} would apply
 * colour profiles and treat grey as linear light, which brightens it.
 */
final class RgbConversion {
    private RgbConversion() {}

    /**
     * Converts a picture.
     *
     * @param choice samples that become black and white
     * @param notices is told the window that was found for samples that have no range of their own
     */
    static byte[] toRgb(BufferedImage image, WindowChoice choice, Consumer<String> notices) {
        ColorModel model = image.getColorModel();
        byte[] rgb = new byte[image.getWidth() * image.getHeight() * 3];
        if (image.getType() == BufferedImage.TYPE_3BYTE_BGR && choice.known() == null && tightlyPacked(image)) {
            fromBgr(((DataBufferByte) image.getRaster().getDataBuffer()).getData(), rgb);
        } else if (model instanceof IndexColorModel palette) {
            fromPalette(image.getRaster(), palette, rgb);
        } else if (hasPlainSamples(model)) {
            fromSamples(image.getRaster(), model, choice, notices, rgb);
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

    /** Whether samples are grey or RGB, not multiplied by alpha, each with an element of its own. */
    private static boolean hasPlainSamples(ColorModel model) {
        int space = model.getColorSpace().getType();
        return !(model.hasAlpha() && model.isAlphaPremultiplied())
                && (space == ColorSpace.TYPE_RGB && model.getNumColorComponents() == 3 || space == ColorSpace.TYPE_GRAY)
                && Arrays.stream(model.getComponentSize()).allMatch(bits -> bits >= 1);
    }

    private static void fromSamples(
            Raster raster, ColorModel model, WindowChoice choice, Consumer<String> notices, byte[] rgb) {
        int colours = model.getNumColorComponents();
        int[] sizes = Arrays.copyOf(model.getComponentSize(), colours);
        boolean whole = raster.getTransferType() == DataBuffer.TYPE_BYTE
                || model instanceof DirectColorModel
                || raster.getTransferType() == DataBuffer.TYPE_USHORT && sizes[0] < 16;
        Window[] windows = new Window[colours];
        if (choice.known() != null) {
            Arrays.fill(windows, choice.known());
        } else if (whole) {
            Arrays.setAll(windows, c -> new Window(0, (1 << sizes[c]) - 1));
        } else {
            Arrays.fill(windows, choice.find(() -> {
                Window found = Window.of(coloursOf(raster, colours), sizes[0]);
                notices.accept("samples of " + found + " become levels 0 to 255");
                return found;
            }));
        }
        int type = raster.getTransferType();
        if (type == DataBuffer.TYPE_BYTE || type == DataBuffer.TYPE_USHORT || model instanceof DirectColorModel) {
            fromTables(raster, sizes, windows, rgb);
        } else {
            fromNumbers(raster, windows, rgb);
        }
    }

    /** A raster without alpha. */
    private static Raster coloursOf(Raster raster, int colours) {
        int[] bands = new int[colours];
        Arrays.setAll(bands, c -> c);
        return raster.createChild(
                raster.getMinX(), raster.getMinY(), raster.getWidth(), raster.getHeight(), 0, 0, bands);
    }

    private static void fromTables(Raster raster, int[] sizes, Window[] windows, byte[] rgb) {
        int bands = raster.getNumBands();
        byte[][] tables = new byte[3][];
        for (int c = 0; c < 3; c++) {
            int band = windows.length == 3 ? c : 0;
            tables[c] = new byte[1 << sizes[band]];
            for (int v = 0; v < tables[c].length; v++) {
                tables[c][v] = windows[band].level(v);
            }
        }
        int green = windows.length == 3 ? 1 : 0;
        int blue = 2 * green;
        int[] row = new int[raster.getWidth() * bands];
        for (int y = 0, out = 0; y < raster.getHeight(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, row);
            for (int in = 0; in < row.length; in += bands) {
                rgb[out++] = tables[0][row[in]];
                rgb[out++] = tables[1][row[in + green]];
                rgb[out++] = tables[2][row[in + blue]];
            }
        }
    }

    private static void fromNumbers(Raster raster, Window[] windows, byte[] rgb) {
        int bands = raster.getNumBands();
        double[] row = new double[raster.getWidth() * bands];
        for (int y = 0, out = 0; y < raster.getHeight(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, row);
            for (int in = 0; in < row.length; in += bands) {
                for (int c = 0; c < 3; c++) {
                    int band = windows.length == 3 ? c : 0;
                    rgb[out++] = windows[band].level(row[in + band]);
                }
            }
        }
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
