package dev.sam2j.predictors.image.tiff;

import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.image.pixels.UnsupportedPictureException;
import java.awt.Point;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Decodes a page of a TIFF file. Grey and RGB keep their samples, whatever their type; palettes of up to 8 bits stay
 * palettes; other colours become 8-bit RGB.
 */
public final class TiffReader {
    private static final int CCITT_HUFFMAN = 2;
    private static final int CCITT_T6 = 4;

    private final TiffFile file;
    private final TiffFile.Directory directory;
    private final TiffPage page;
    /** The samples that are kept, in the order of the result's bands. */
    private final int[] channels;

    /** Whether the caller chose the channels. */
    private final boolean chosen;

    /** Chooses channels of a page: the colours, or the first of several equal ones, unless the options name others. */
    public TiffReader(TiffFile file, TiffPage page, ReadOptions options, Consumer<String> notices) {
        this.file = file;
        this.directory = file.page(options.page());
        this.page = page;
        this.chosen = !options.channels().isEmpty();
        this.channels = channels(options, notices);
    }

    private int[] channels(ReadOptions options, Consumer<String> notices) {
        if (!options.channels().isEmpty()) {
            return options.channels().stream().mapToInt(channel -> channel).toArray();
        }
        int equal = page.samples() - (page.alpha() ? 1 : 0);
        if (page.colours() < Math.min(equal, 4) && page.photometric() != TiffPage.PALETTE) {
            String taken = page.colours() == 1 ? "channel 1 was" : "channels 1 to " + page.colours() + " were";
            notices.accept(taken + " taken of " + equal);
        }
        boolean keepsAlpha = page.alpha()
                && page.colours() < page.samples()
                && isPlain(page)
                && page.bits() % 8 == 0
                && page.bits() <= 16
                && page.format() == TiffPage.SampleFormat.UNSIGNED;
        return IntStream.range(0, page.colours() + (keepsAlpha ? 1 : 0)).toArray();
    }

    /** The picture as stored: not turned. */
    public BufferedImage read() throws IOException {
        int compression = page.compression();
        boolean subsampled = page.photometric() == TiffPage.YCBCR && !TiffBlocks.isPicture(compression);
        if (compression >= CCITT_HUFFMAN && compression <= CCITT_T6 || subsampled) {
            return FaxTiff.read(file, directory, page);
        }
        if (!TiffRows.decompresses(compression) && !TiffBlocks.isPicture(compression)) {
            throw new UnsupportedPictureException("a TIFF compressed by " + compressionName(compression));
        }
        BufferedImage image = destination();
        TiffColours colours = isPlain() ? null : TiffColours.of(file, directory, page);
        readTiles(image.getRaster(), colours);
        return image;
    }

    private static String compressionName(int compression) {
        return switch (compression) {
            case 6 -> "JPEG of the old style";
            case 32809 -> "ThunderScan";
            case 34661 -> "JBIG";
            case 34712 -> "JPEG 2000";
            case 34887 -> "LERC";
            case 34925 -> "LZMA";
            case 50002, 52546 -> "JPEG XL";
            default -> "method " + compression;
        };
    }

    /** Whether samples of a page are kept as they are. */
    private static boolean isPlain(TiffPage page) {
        return switch (page.photometric()) {
            case TiffPage.PALETTE -> page.bits() <= 8;
            case TiffPage.SEPARATED -> page.colours() == 1;
            case TiffPage.YCBCR, TiffPage.CIE_LAB, TiffPage.ICC_LAB, TiffPage.ITU_LAB -> false;
            default -> true;
        };
    }

    /** Whether samples are kept, because they are grey or RGB or were asked for one by one. */
    private boolean isPlain() {
        return chosen || isPlain(page);
    }

    private BufferedImage destination() throws IOException {
        if (!isPlain()) {
            return new BufferedImage(page.width(), page.height(), BufferedImage.TYPE_3BYTE_BGR);
        }
        boolean palette = page.photometric() == TiffPage.PALETTE && !chosen;
        int bands = channels.length;
        int type = dataType(page);
        int[] offsets = IntStream.range(0, bands).toArray();
        PixelInterleavedSampleModel layout = new PixelInterleavedSampleModel(
                type, page.width(), page.height(), bands, Math.multiplyExact(bands, page.width()), offsets);
        WritableRaster raster = Raster.createWritableRaster(layout, new Point());
        ColorModel model = palette ? TiffColours.palette(file, directory, page.bits()) : plainModel(bands, type);
        return new BufferedImage(model, raster, false, null);
    }

    private ColorModel plainModel(int bands, int type) {
        ColorSpace space = ColorSpace.getInstance(bands < 3 ? ColorSpace.CS_GRAY : ColorSpace.CS_sRGB);
        boolean alpha = bands % 2 == 0;
        int transparency = alpha ? Transparency.TRANSLUCENT : Transparency.OPAQUE;
        int[] bits = new int[bands];
        Arrays.fill(bits, Math.min(page.bits(), DataBuffer.getDataTypeSize(type)));
        return type == DataBuffer.TYPE_BYTE || type == DataBuffer.TYPE_USHORT || type == DataBuffer.TYPE_INT
                ? new ComponentColorModel(space, bits, alpha, false, transparency, type)
                : new ComponentColorModel(space, alpha, false, transparency, type);
    }

    private static int dataType(TiffPage page) {
        return switch (page.format()) {
            case UNSIGNED ->
                page.bits() <= 8
                        ? DataBuffer.TYPE_BYTE
                        : page.bits() <= 16
                                ? DataBuffer.TYPE_USHORT
                                : page.bits() < 32 ? DataBuffer.TYPE_INT : DataBuffer.TYPE_DOUBLE;
            case SIGNED ->
                page.bits() <= 16
                        ? DataBuffer.TYPE_SHORT
                        : page.bits() == 32 ? DataBuffer.TYPE_INT : DataBuffer.TYPE_DOUBLE;
            case FLOAT -> page.bits() <= 32 ? DataBuffer.TYPE_FLOAT : DataBuffer.TYPE_DOUBLE;
        };
    }

    /** Decodes all tiles, of each kept sample's plane at once. */
    private void readTiles(WritableRaster raster, TiffColours colours) throws IOException {
        TiffRows[] decoders = new TiffRows[page.planar() ? channels.length : 1];
        try {
            for (int i = 0; i < decoders.length; i++) {
                decoders[i] = new TiffRows(page, file.bytes().order());
            }
            double[] stored = new double[page.tileWidth() * (page.planar() ? 1 : page.samples())];
            for (int tile = 0; tile < page.tilesAcross() * page.tilesDown(); tile++) {
                readTile(tile, decoders, stored, raster, colours);
            }
        } finally {
            for (TiffRows decoder : decoders) {
                if (decoder != null) {
                    decoder.close();
                }
            }
        }
    }

    private void readTile(int tile, TiffRows[] decoders, double[] stored, WritableRaster raster, TiffColours colours)
            throws IOException {
        int x = (int) (tile % page.tilesAcross()) * page.tileWidth();
        int y = (int) (tile / page.tilesAcross()) * page.tileHeight();
        int columns = Math.min(page.tileWidth(), page.width() - x);
        Rows[] rows = new Rows[decoders.length];
        for (int i = 0; i < rows.length; i++) {
            long plane = page.planar() ? channels[i] * page.tilesAcross() * page.tilesDown() : 0;
            rows[i] = open((int) plane + tile, decoders[i]);
        }
        int samples = page.planar() ? 1 : page.samples();
        double[] kept = new double[columns * channels.length];
        for (int row = y; row < Math.min(y + page.tileHeight(), page.height()); row++) {
            for (int i = 0; i < channels.length; i++) {
                if (i < rows.length) {
                    rows[i].next(stored);
                }
                int from = page.planar() ? 0 : channels[i];
                for (int c = 0; c < columns; c++) {
                    kept[c * channels.length + i] = stored[c * samples + from];
                }
            }
            if (colours != null) {
                raster.setPixels(x, row, columns, 1, colours.toRgb(kept));
            } else {
                write(raster, x, row, columns, kept);
            }
        }
    }

    private void write(WritableRaster raster, int x, int y, int columns, double[] values) {
        boolean integers = raster.getTransferType() < DataBuffer.TYPE_FLOAT;
        if (page.photometric() == TiffPage.WHITE_IS_ZERO) {
            double white = page.format() == TiffPage.SampleFormat.UNSIGNED ? page.largest() : 0;
            int bands = channels.length;
            Arrays.setAll(values, i -> bands == 2 && i % 2 == 1 ? values[i] : white - values[i]);
        }
        if (integers) {
            int[] numbers = new int[values.length];
            Arrays.setAll(numbers, i -> (int) values[i]);
            raster.setPixels(x, y, columns, 1, numbers);
        } else {
            raster.setPixels(x, y, columns, 1, values);
        }
    }

    /** Rows of a tile, from the top. */
    @FunctionalInterface
    interface Rows {
        /** The samples of the next row, pixel by pixel. */
        void next(double[] values) throws IOException;
    }

    private Rows open(int tile, TiffRows decoder) throws IOException {
        ByteBuffer data = page.tile(file, tile);
        if (data == null) {
            return values -> Arrays.fill(values, 0);
        }
        if (TiffBlocks.isPicture(page.compression())) {
            return TiffBlocks.rows(file.raw(directory, TiffPage.JPEG_TABLES_TAG), data, page);
        }
        decoder.begin(data);
        return decoder;
    }
}
