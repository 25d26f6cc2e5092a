package dev.sam2j.predictors.mask.pixels;

import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.ReadOptions;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BandedSampleModel;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A NumPy array of two dimensions, as {@code numpy.save} writes it, as a grey picture. */
public final class NumpyPicture {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int MAX_HEADER = 1 << 16;
    private static final Pattern TYPE = Pattern.compile("'descr' *: *'([<>|=]?)([?buif])(\\d?)'");
    private static final Pattern COLUMNS_FIRST = Pattern.compile("'fortran_order' *: *True");
    private static final Pattern SHAPE = Pattern.compile("'shape' *: *\\(([\\d, ]{0,200})\\)");

    private final Path file;
    private final ByteBuffer data;
    private final String type;
    private final int bytes;
    private final boolean columnsFirst;
    private final int width;
    private final int height;

    private NumpyPicture(Path file, ByteBuffer bytes, String header, ReadOptions options) {
        Matcher element = TYPE.matcher(header);
        Matcher shape = SHAPE.matcher(header);
        if (!element.find() || !shape.find()) {
            throw new PictureException(file + " is no NumPy array of numbers");
        }
        this.file = file;
        this.type = element.group(2) + element.group(3);
        this.bytes = element.group(3).isEmpty() ? 1 : Integer.parseInt(element.group(3));
        this.columnsFirst = COLUMNS_FIRST.matcher(header).find();
        this.data = bytes.order(element.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        List<Integer> sides = sides(shape.group(1));
        this.height = sides.get(0);
        this.width = sides.get(1);
        long pixels = (long) width * height;
        if (pixels > options.maxPixels()) {
            throw new PictureException(
                    file + " has " + width + "x" + height + " pixels, more than the limit of " + options.maxPixels());
        }
        if (data.remaining() < pixels * this.bytes) {
            throw new PictureException(file + " ends before its array does; it is probably truncated");
        }
    }

    /** Whether a file begins as NumPy arrays do. */
    public static boolean isNumpy(Path file) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.equals(MAGIC, in.readNBytes(MAGIC.length));
        } catch (IOException e) {
            return false; // the reader of pictures says what is wrong
        }
    }

    /**
     * Reads an array.
     *
     * @throws PictureException if it cannot be read, has not two dimensions, is broken, or exceeds the limits
     */
    public static BufferedImage read(Path file, ReadOptions options) {
        try {
            if (Files.size(file) > Math.min(options.maxFileBytes(), Integer.MAX_VALUE - 64)) {
                throw new PictureException(file + " is longer than the limit of " + options.maxFileBytes() + " bytes");
            }
            ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            int start = all.limit() < 12 ? 0 : all.get(6) == 1 ? 10 : 12;
            int length = start == 0 ? -1 : start == 10 ? all.getShort(8) & 0xFFFF : all.getInt(8);
            if (length < 0 || length > MAX_HEADER || length > all.limit() - start) {
                throw new PictureException(file + " is a broken NumPy array: its header is cut off");
            }
            String header = new String(all.array(), start, length, StandardCharsets.ISO_8859_1);
            return new NumpyPicture(file, all.position(start + length).slice(), header, options).picture();
        } catch (IOException e) {
            throw new PictureException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Rows and columns; further dimensions may be 1. */
    private List<Integer> sides(String shape) {
        List<Integer> sides = new ArrayList<>();
        for (String side : shape.split(",")) {
            if (!side.isBlank()) {
                sides.add(side.strip().length() > 9 ? 0 : Integer.parseInt(side.strip()));
            }
        }
        while (sides.size() > 2 && sides.remove((Object) 1)) {
            continue;
        }
        if (sides.size() != 2 || sides.contains(0)) {
            throw new PictureException(file + " is an array of (" + shape.strip()
                    + "), but a mask has two dimensions, (height, width); save one mask");
        }
        return sides;
    }

    private BufferedImage picture() {
        int dataType = bytes == 1 && !type.equals("i1") ? DataBuffer.TYPE_BYTE : DataBuffer.TYPE_FLOAT;
        WritableRaster raster = Raster.createWritableRaster(new BandedSampleModel(dataType, width, height, 1), null);
        float[] row = new float[width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                row[x] = number(columnsFirst ? x * height + y : y * width + x);
            }
            raster.setPixels(0, y, width, 1, row);
        }
        ColorSpace grey = ColorSpace.getInstance(ColorSpace.CS_GRAY);
        return new BufferedImage(
                new ComponentColorModel(grey, false, false, Transparency.OPAQUE, dataType), raster, false, null);
    }

    private float number(int index) {
        int at = index * bytes;
        return switch (type) {
            case "?", "?1", "b1", "u1" -> data.get(at) & 0xFF;
            case "i1" -> data.get(at);
            case "u2" -> data.getShort(at) & 0xFFFF;
            case "i2" -> data.getShort(at);
            case "u4" -> data.getInt(at) & 0xFFFFFFFFL;
            case "i4" -> data.getInt(at);
            case "i8", "u8" -> data.getLong(at);
            case "f4" -> data.getFloat(at);
            case "f8" -> (float) data.getDouble(at);
            default ->
                throw new PictureException(file + " is an array of " + type
                        + "; a mask is one of bool, uint8, another whole number, float32 or float64");
        };
    }
}
