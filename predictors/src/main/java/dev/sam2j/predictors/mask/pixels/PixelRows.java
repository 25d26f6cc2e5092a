package dev.sam2j.predictors.mask.pixels;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * The pixels of a picture as it is stored, row by row. Colour profiles and gamma are not applied; the colours of
 * palettes are looked up.
 */
final class PixelRows {
    /** Alpha from which on a pixel is seen. */
    static final int OPAQUE = 128;

    /** Of the row read last: the grey value as stored, or the largest of red, green and blue. */
    final double[] levels;

    /** Of the row read last: {@code 0xAARRGGBB}. */
    final int[] colours;

    private final BufferedImage image;
    private final Raster raster;
    private final ColorModel model;
    private final IndexColorModel palette;
    private final int components;
    private final int alphaBand;
    private final boolean real;
    private final int[] whole;
    private final double[] fractions;
    private boolean transparentIsBlack;

    /**
     * Rows of a picture.
     *
     * @param indices whether the numbers in a palette picture are its levels, not their colours
     */
    PixelRows(BufferedImage image, boolean indices) {
        this.image = image;
        this.raster = image.getRaster();
        this.model = image.getColorModel();
        this.palette = !indices && model instanceof IndexColorModel colourMap ? colourMap : null;
        boolean plain = model.getColorSpace().getType() == ColorSpace.TYPE_RGB && model.getNumColorComponents() == 3;
        boolean grey = indices || model.getNumColorComponents() == 1;
        this.components = palette != null ? 0 : grey ? 1 : plain ? 3 : 0;
        this.alphaBand = components > 0 && model.hasAlpha() && raster.getNumBands() > components ? components : -1;
        int type = raster.getTransferType();
        this.real = type == DataBuffer.TYPE_FLOAT || type == DataBuffer.TYPE_DOUBLE;
        int samples = raster.getWidth() * raster.getNumBands();
        this.whole = real ? null : new int[samples];
        this.fractions = real ? new double[samples] : null;
        this.levels = new double[raster.getWidth()];
        this.colours = new int[raster.getWidth()];
    }

    int width() {
        return raster.getWidth();
    }

    int height() {
        return raster.getHeight();
    }

    /** Whether the stored values are one number a pixel rather than colours. */
    boolean isGrey() {
        return components == 1;
    }

    /** Whether colours come from a palette. */
    boolean hasPalette() {
        return palette != null;
    }

    /** Whether whole numbers are stored with a sign, so that white is one bit less. */
    boolean isSigned() {
        int type = raster.getTransferType();
        return type == DataBuffer.TYPE_SHORT || type == DataBuffer.TYPE_INT;
    }

    /** Takes transparent pixels as black from now on. */
    void blackenTransparent() {
        transparentIsBlack = true;
    }

    /** Reads a row. */
    void read(int y) {
        decode(y);
        for (int x = 0; transparentIsBlack && x < levels.length; x++) {
            if (colours[x] >>> 24 < OPAQUE) {
                colours[x] &= 0xFF000000;
                levels[x] = 0;
            }
        }
    }

    private void decode(int y) {
        int row = raster.getMinY() + y;
        if (palette != null) {
            raster.getSamples(raster.getMinX(), row, width(), 1, 0, whole);
            for (int x = 0; x < levels.length; x++) {
                colours[x] = whole[x] < palette.getMapSize() ? palette.getRGB(whole[x]) : 0xFF000000;
                levels[x] = lightest(colours[x]);
            }
        } else if (components == 0) {
            image.getRGB(0, y, width(), 1, colours, 0, width());
            for (int x = 0; x < levels.length; x++) {
                levels[x] = lightest(colours[x]);
            }
        } else {
            if (real) {
                raster.getPixels(raster.getMinX(), row, width(), 1, fractions);
            } else {
                raster.getPixels(raster.getMinX(), row, width(), 1, whole);
            }
            takeSamples();
        }
    }

    private void takeSamples() {
        int bands = raster.getNumBands();
        double scale = 255 / largest(0);
        double alphaScale = alphaBand < 0 ? 0 : 255 / largest(alphaBand);
        for (int x = 0, at = 0; x < levels.length; x++, at += bands) {
            double level = sample(at);
            double green = components == 3 ? sample(at + 1) : level;
            double blue = components == 3 ? sample(at + 2) : level;
            int alpha = alphaBand < 0 ? 255 : eightBits(sample(at + alphaBand) * alphaScale);
            levels[x] = Math.max(level, Math.max(green, blue));
            colours[x] = alpha << 24
                    | eightBits(level * scale) << 16
                    | eightBits(green * scale) << 8
                    | eightBits(blue * scale);
        }
    }

    private double sample(int at) {
        return real ? fractions[at] : whole[at];
    }

    /** The value of a sample that stands for full light. */
    private double largest(int component) {
        return real ? 1 : Math.pow(2, model.getComponentSize(component)) - 1;
    }

    private static int eightBits(double value) {
        return (int) Math.max(0, Math.min(255, value + 0.5));
    }

    /** Largest of red, green and blue. */
    static int lightest(int colour) {
        return Math.max(colour >> 16 & 255, Math.max(colour >> 8 & 255, colour & 255));
    }

    /** Largest less smallest of red, green and blue. */
    static int chroma(int colour) {
        return lightest(colour) - Math.min(colour >> 16 & 255, Math.min(colour >> 8 & 255, colour & 255));
    }
}
