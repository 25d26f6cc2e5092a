package dev.sam2j.predictors.image.files;

import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.image.pixels.Bytes;
import dev.sam2j.predictors.image.pixels.PictureLimits;
import java.awt.Point;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.EOFException;
import java.io.IOException;

/**
 * Reads PBM, PGM and PPM files, plain (P1 to P3) and raw (P4 to P6), of up to 16 bits. Samples are spread from their
 * own largest value to that of 8 or 16 bits.
 */
final class PnmReader {
    private final byte[] file;
    private int at = 2;

    PnmReader(byte[] file) {
        this.file = file;
    }

    /** Whether a file begins like a PBM, PGM or PPM: {@code P}, a digit, white space. */
    static boolean isPnm(byte[] file) {
        return file.length > 2
                && file[0] == 'P'
                && file[1] >= '1'
                && file[1] <= '6'
                && (Character.isWhitespace(file[2]) || file[2] == '#');
    }

    /** The picture as grey or RGB of 8 or 16 bits. */
    BufferedImage read(String name, ReadOptions options) throws IOException {
        int kind = file[1] - '0';
        boolean raw = kind > 3;
        boolean bitmap = kind % 3 == 1;
        int bands = kind % 3 == 0 ? 3 : 1;
        int width = number();
        int height = number();
        int most = bitmap ? 1 : number();
        if (most < 1 || most > 65535) {
            throw new IOException("its largest sample is " + most);
        }
        int bits = most > 255 ? 16 : 8;
        PictureLimits limits = new PictureLimits(name, width, height, options);
        limits.check(bands * bits);
        long rowBytes = bitmap ? (width + 7) / 8 : (long) width * bands * bits / 8;
        long least = raw ? rowBytes * height : (long) width * bands * height;
        if (++at + least > file.length + (raw ? 0 : 1)) {
            throw new EOFException("pixels are missing");
        }
        BufferedImage image = destination(width, height, bands, bits);
        int[] row = new int[width * bands];
        int full = bits == 16 ? 65535 : 255;
        for (int y = 0; y < height; y++) {
            for (int i = 0; i < row.length; i++) {
                int sample = raw ? raw(bitmap, bits, i, (int) rowBytes * y) : bitmap ? digit() : number();
                row[i] = bitmap ? (1 - sample) * 255 : (int) ((Math.min(sample, most) * (long) full + most / 2) / most);
            }
            image.getRaster().setPixels(0, y, width, 1, row);
        }
        return image;
    }

    private static BufferedImage destination(int width, int height, int bands, int bits) {
        int type = bits == 16 ? DataBuffer.TYPE_USHORT : DataBuffer.TYPE_BYTE;
        WritableRaster raster = Raster.createInterleavedRaster(type, width, height, bands, new Point());
        ColorSpace space = ColorSpace.getInstance(bands == 1 ? ColorSpace.CS_GRAY : ColorSpace.CS_sRGB);
        return new BufferedImage(
                new ComponentColorModel(space, false, false, Transparency.OPAQUE, type), raster, false, null);
    }

    private int raw(boolean bitmap, int bits, int index, int rowStart) {
        int start = at + rowStart;
        if (bitmap) {
            return file[start + index / 8] >> 7 - index % 8 & 1;
        }
        return bits == 8 ? file[start + index] & 255 : Bytes.u16(file, start + 2L * index, false);
    }

    private void skipSpace() {
        while (at < file.length && (file[at] == '#' || Character.isWhitespace(file[at]))) {
            if (file[at] == '#') {
                while (at < file.length && file[at] != '\n' && file[at] != '\r') {
                    at++;
                }
            } else {
                at++;
            }
        }
    }

    private int number() throws IOException {
        skipSpace();
        long value = 0;
        int start = at;
        while (at < file.length && file[at] >= '0' && file[at] <= '9' && value <= Integer.MAX_VALUE) {
            value = 10 * value + file[at++] - '0';
        }
        if (at == start || value > Integer.MAX_VALUE) {
            throw new IOException(at >= file.length ? "pixels are missing" : "a number is missing");
        }
        return (int) value;
    }

    /** A bit of a plain PBM, which may stand without space between its neighbours. */
    private int digit() throws IOException {
        skipSpace();
        int value = Bytes.u8(file, at++) - '0';
        if (value != 0 && value != 1) {
            throw new IOException("a pixel is missing");
        }
        return value;
    }
}
