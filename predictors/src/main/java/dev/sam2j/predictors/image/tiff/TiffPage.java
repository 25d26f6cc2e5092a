package dev.sam2j.predictors.image.tiff;

import dev.sam2j.predictors.image.pixels.Orientation;
import dev.sam2j.predictors.image.pixels.UnsupportedPictureException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What a TIFF directory says about its picture, checked as far as can be done without looking at the pixels. A picture
 * in strips is one of tiles as wide as itself.
 *
 * @param samples samples of each pixel, colours first
 * @param bits bits of each sample, the same for all
 * @param format what the bits mean
 * @param planar whether each sample has tiles of its own
 * @param offsets first byte of each tile, left to right, top to bottom, then by sample if {@code planar}
 * @param lengths bytes of each tile, or none
 */
public record TiffPage(
        int width,
        int height,
        int samples,
        int bits,
        SampleFormat format,
        int photometric,
        int compression,
        int predictor,
        boolean planar,
        boolean reversedBits,
        int tileWidth,
        int tileHeight,
        long[] offsets,
        long[] lengths,
        int colours,
        boolean alpha,
        Orientation orientation) {
    static final int WHITE_IS_ZERO = 0;
    static final int BLACK_IS_ZERO = 1;
    static final int RGB = 2;
    static final int PALETTE = 3;
    static final int MASK = 4;
    static final int SEPARATED = 5;
    static final int YCBCR = 6;
    static final int CIE_LAB = 8;
    static final int ICC_LAB = 9;
    static final int ITU_LAB = 10;
    static final int LINEAR_RAW = 34892;

    static final int PHOTOMETRIC_TAG = 262;
    static final int COLOR_MAP_TAG = 320;
    static final int JPEG_TABLES_TAG = 347;
    static final int SUBSAMPLING_TAG = 530;
    /** More samples a pixel than any sensor has channels. */
    private static final int MAX_SAMPLES = 4096;
    /** Each tile costs, however small it is. */
    private static final int MAX_TILES = 1 << 18;

    /** How the bits of a sample are a number. */
    enum SampleFormat {
        UNSIGNED,
        SIGNED,
        FLOAT
    }

    /** Reads what a directory says of its page. */
    public static TiffPage read(TiffFile file, TiffFile.Directory at) throws IOException {
        long width = file.number(at, 256, 0);
        long height = file.number(at, 257, 0);
        int samples = (int) within(file.number(at, 277, 1), 1, MAX_SAMPLES, "samples a pixel");
        int bits = sameForAll(file.numbers(at, 258), 1, "bits");
        within(bits, 1, 64, "bits a sample");
        int photometric = (int) file.number(at, PHOTOMETRIC_TAG, samples < 3 ? BLACK_IS_ZERO : RGB);
        long[] extra = file.numbers(at, 338);
        boolean tiled = file.number(at, 322, 0) > 0;
        long tileWidth = tiled ? file.number(at, 322, 0) : width;
        long tileHeight = tiled ? file.number(at, 323, 0) : Math.min(height, file.number(at, 278, height));
        boolean planar = file.number(at, 284, 1) == 2 && samples > 1;
        long[] offsets = file.numbers(at, tiled ? 324 : 273);
        long[] lengths = file.numbers(at, tiled ? 325 : 279);
        if (width < 1 || height < 1 || width > Integer.MAX_VALUE || height > Integer.MAX_VALUE) {
            throw new IOException("it claims " + width + "x" + height + " pixels");
        }
        // As OpenCV writes it, and as libtiff guesses.
        boolean unsaidAlpha = photometric == RGB && samples == 4 && extra.length == 0;
        int colours = colours(photometric, samples, extra.length, file.number(at, 332, 1) == 1);
        TiffPage page = new TiffPage(
                (int) width,
                (int) height,
                samples,
                bits,
                format(file.numbers(at, 339), bits),
                photometric,
                (int) file.number(at, 259, 1),
                (int) file.number(at, 317, 1),
                planar,
                file.number(at, 266, 1) == 2,
                (int) within(tileWidth, 1, Math.max(2 * width, 1 << 16), "columns of a tile"),
                (int) within(tileHeight, 1, Math.max(2 * height, 1 << 16), "rows of a tile"),
                offsets,
                lengths,
                colours,
                unsaidAlpha || Arrays.stream(extra).anyMatch(kind -> kind == 1 || kind == 2),
                Orientation.ofTag((int) file.number(at, 274, 1)));
        long tiles = page.tilesAcross() * page.tilesDown() * (planar ? samples : 1L);
        within(tiles, 1, MAX_TILES, "tiles");
        if (offsets.length < tiles) {
            throw new IOException("it does not say where all of its pixels are");
        }
        return page;
    }

    long tilesAcross() {
        return (width + (long) tileWidth - 1) / tileWidth;
    }

    long tilesDown() {
        return (height + (long) tileHeight - 1) / tileHeight;
    }

    /** The bytes of a tile, null where a sparse file leaves it out. */
    ByteBuffer tile(TiffFile file, int index) throws IOException {
        long offset = offsets[index];
        long rest = file.bytes().limit() - offset;
        long length = index < lengths.length ? lengths[index] : rest;
        if (length == 0 || offset == 0) {
            return null;
        }
        if (offset < 0 || rest <= 0) {
            throw new EOFException("pixels are missing");
        }
        // Lengths of plain pixels are often wrong and not needed.
        int size = (int) (compression == 1 || length < 0 ? rest : Math.min(length, rest));
        return file.bytes().slice((int) offset, size);
    }

    /** Samples that are decoded for this page, those of padding included. */
    public long decodedSamples() {
        return tilesAcross() * tileWidth * height * samples;
    }

    /** Largest value of an unsigned sample of up to 32 bits. */
    long largest() {
        return (1L << bits) - 1;
    }

    /** How many leading samples are one colour: 1 where all samples are channels of equal rank. */
    private static int colours(int photometric, int samples, int extra, boolean cmyk) throws IOException {
        int colours = switch (photometric) {
            case WHITE_IS_ZERO, BLACK_IS_ZERO, PALETTE, MASK -> 1;
            case RGB, YCBCR, CIE_LAB, ICC_LAB, ITU_LAB -> 3;
            case SEPARATED -> cmyk ? 4 : 1;
            case LINEAR_RAW -> samples == 3 ? 3 : 1;
            case 32803 -> throw new UnsupportedPictureException("a raw picture of a camera's colour filter");
            case 32844, 32845 -> throw new UnsupportedPictureException("a picture of logarithmic light (LogLuv)");
            default -> throw new UnsupportedPictureException("a TIFF of colours of kind " + photometric);
        };
        if (colours > samples || photometric == YCBCR && samples - extra != 3) {
            throw new IOException(samples + " samples a pixel do not make its colours");
        }
        return colours;
    }

    private static SampleFormat format(long[] formats, int bits) throws IOException {
        int format = sameForAll(formats, 1, "sample formats");
        boolean common = bits == 16 || bits == 32 || bits == 64;
        SampleFormat read = switch (format) {
            case 1, 4 -> bits <= 32 || bits == 64 ? SampleFormat.UNSIGNED : null;
            case 2 -> common || bits == 8 ? SampleFormat.SIGNED : null;
            case 3 -> common || bits == 24 ? SampleFormat.FLOAT : null;
            default -> null;
        };
        if (read == null) {
            String kind = switch (format) {
                case 1, 4 -> "unsigned";
                case 2 -> "signed";
                case 3 -> "floating-point";
                case 5, 6 -> "complex";
                default -> "unknown";
            };
            throw new UnsupportedPictureException("a TIFF of " + kind + " samples of " + bits + " bits");
        }
        return read;
    }

    private static int sameForAll(long[] values, int fallback, String what) throws IOException {
        if (values.length == 0) {
            return fallback;
        }
        for (long value : values) {
            if (value != values[0]) {
                throw new UnsupportedPictureException("a TIFF whose samples have different " + what);
            }
        }
        return (int) Math.min(values[0], Integer.MAX_VALUE);
    }

    private static long within(long value, long least, long most, String what) throws IOException {
        if (value < least || value > most) {
            throw new IOException("it claims " + value + " " + what);
        }
        return value;
    }
}
