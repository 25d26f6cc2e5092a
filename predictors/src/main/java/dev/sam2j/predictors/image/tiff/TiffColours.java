package dev.sam2j.predictors.image.tiff;

import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.util.Arrays;

/** Colours of TIFF files that are neither grey nor RGB, as 8-bit RGB. */
final class TiffColours {
    /** Bradford's adaptation of colours from one white to another, as ICC profiles have it. */
    private static final double[][] TO_CONES = {
        {0.8951, 0.2664, -0.1614}, {-0.7502, 1.7135, 0.0367}, {0.0389, -0.0685, 1.0296}
    };

    private static final double[][] FROM_CONES = {
        {0.9869929, -0.1470543, 0.1599627}, {0.4323053, 0.5183603, 0.0492912}, {-0.0085287, 0.0400428, 0.9684867}
    };
    private static final double[] D65 = {0.95047, 1, 1.08883};

    private final TiffPage page;
    private final int[] palette;
    /** CIE XYZ of white, from the file or D50. */
    private final double[] white;

    private TiffColours(TiffPage page, int[] palette, double[] white) {
        this.page = page;
        this.palette = palette;
        this.white = white;
    }

    static TiffColours of(TiffFile file, TiffFile.Directory at, TiffPage page) throws IOException {
        double[] xy = file.values(at, 318);
        double x = xy.length == 2 && xy[1] > 0 ? xy[0] : 0.3457;
        double y = xy.length == 2 && xy[1] > 0 ? xy[1] : 0.3585;
        int[] palette = page.photometric() == TiffPage.PALETTE ? colours(file, at, page.bits()) : null;
        return new TiffColours(page, palette, new double[] {x / y, 1, (1 - x - y) / y});
    }

    static IndexColorModel palette(TiffFile file, TiffFile.Directory at, int bits) throws IOException {
        int[] colours = colours(file, at, bits);
        return new IndexColorModel(8, colours.length, colours, 0, false, -1, DataBuffer.TYPE_BYTE);
    }

    private static int[] colours(TiffFile file, TiffFile.Directory at, int bits) throws IOException {
        long[] map = file.numbers(at, TiffPage.COLOR_MAP_TAG);
        int size = bits > 16 ? 0 : 1 << bits;
        if (size == 0 || map.length < 3 * size) {
            throw new IOException("its palette has " + map.length / 3 + " colours of " + size);
        }
        boolean bytes = Arrays.stream(map).allMatch(value -> value < 256);
        int shift = bytes ? 0 : 8;
        int[] colours = new int[size];
        for (int i = 0; i < size; i++) {
            colours[i] = (int) (map[i] >> shift << 16 | map[size + i] >> shift << 8 | map[2 * size + i] >> shift);
        }
        return colours;
    }

    /** Three levels for each pixel. */
    int[] toRgb(double[] samples) {
        int stride = page.colours();
        int pixels = samples.length / stride;
        int[] rgb = new int[3 * pixels];
        double scale = page.format() == TiffPage.SampleFormat.FLOAT ? 1 : 1.0 / page.largest();
        for (int i = 0; i < pixels; i++) {
            int at = i * stride;
            switch (page.photometric()) {
                case TiffPage.PALETTE -> lookUp((int) samples[at], rgb, 3 * i);
                case TiffPage.SEPARATED -> {
                    double paper = 1 - samples[at + 3] * scale;
                    for (int c = 0; c < 3; c++) {
                        rgb[3 * i + c] = level((1 - samples[at + c] * scale) * paper);
                    }
                }
                case TiffPage.YCBCR ->
                    ycc(samples[at] * scale, samples[at + 1] * scale, samples[at + 2] * scale, rgb, 3 * i);
                default -> lab(samples[at] * scale, samples[at + 1], samples[at + 2], rgb, 3 * i);
            }
        }
        return rgb;
    }

    private void lookUp(int index, int[] rgb, int out) {
        rgb[out] = palette[index] >> 16;
        rgb[out + 1] = palette[index] >> 8 & 255;
        rgb[out + 2] = palette[index] & 255;
    }

    /** JFIF's YCbCr, which JPEG tiles hold. */
    private static void ycc(double y, double cb, double cr, int[] rgb, int out) {
        double blue = cb - 128 / 255.0;
        double red = cr - 128 / 255.0;
        rgb[out] = level(y + 1.402 * red);
        rgb[out + 1] = level(y - 0.344136 * blue - 0.714136 * red);
        rgb[out + 2] = level(y + 1.772 * blue);
    }

    /** CIE L*a*b*, a and b signed (CIELab) or offset by half their range (ICC and ITU), as sRGB. */
    private void lab(double lightness, double a, double b, int[] rgb, int out) {
        double unit = page.bits() <= 8 ? 1 : 1L << page.bits() - 8;
        boolean signed = page.photometric() == TiffPage.CIE_LAB;
        double fy = (lightness * 100 + 16) / 116;
        double fx = fy + aOrB(a / unit, signed) / 500;
        double fz = fy - aOrB(b / unit, signed) / 200;
        double[] xyz = toD65(white[0] * linear(fx), linear(fy), white[2] * linear(fz));
        double x = xyz[0];
        double y = xyz[1];
        double z = xyz[2];
        rgb[out] = display(3.2410 * x - 1.5374 * y - 0.4986 * z);
        rgb[out + 1] = display(-0.9692 * x + 1.8760 * y + 0.0416 * z);
        rgb[out + 2] = display(0.0556 * x - 0.2040 * y + 1.0570 * z);
    }

    /** CIE XYZ under D65 of a colour that is given under the white of the file. */
    private double[] toD65(double x, double y, double z) {
        double[] cones = times(TO_CONES, x, y, z);
        double[] from = times(TO_CONES, white[0], white[1], white[2]);
        double[] to = times(TO_CONES, D65[0], D65[1], D65[2]);
        return times(FROM_CONES, cones[0] * to[0] / from[0], cones[1] * to[1] / from[1], cones[2] * to[2] / from[2]);
    }

    private static double[] times(double[][] matrix, double x, double y, double z) {
        double[] result = new double[3];
        for (int i = 0; i < 3; i++) {
            result[i] = matrix[i][0] * x + matrix[i][1] * y + matrix[i][2] * z;
        }
        return result;
    }

    private static double aOrB(double value, boolean signed) {
        if (!signed) {
            return value - 128;
        }
        return value >= 128 ? value - 256 : value;
    }

    private static double linear(double f) {
        return f > 6.0 / 29 ? f * f * f : (f - 4.0 / 29) * 108 / 841;
    }

    private static int display(double light) {
        return level(light <= 0.0031308 ? 12.92 * light : 1.055 * Math.pow(light, 1 / 2.4) - 0.055);
    }

    private static int level(double value) {
        return (int) Math.max(0, Math.min(255, Math.round(255 * value)));
    }
}
