package dev.sam2j.predictors.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.function.Function;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes picture files that may be broken or hostile: size and structure are checked before memory is taken for
 * pixels, and whatever goes wrong is a {@link PictureException}. Formats are those of the ImageIO readers on the
 * class path: JPEG (grey, RGB, CMYK and YCCK), PNG, GIF (first frame), BMP, TIFF.
 */
public final class PictureReader {
    /** A progressive JPEG may cost as much time as this many plain pictures of the largest accepted size. */
    private static final int MAX_SCAN_COST = 16;

    private PictureReader() {}

    /** A decoded file: the picture as stored and the orientation it should be shown in. */
    record Decoded(BufferedImage image, Orientation orientation) {}

    /**
     * Reads a picture without conversion to RGB, turned as the options say. For label and mask pictures, whose values
     * are not colours.
     *
     * @throws PictureException if the file cannot be read, is not a picture, is broken, or exceeds the limits
     */
    public static BufferedImage readStored(Path file, ReadOptions options) {
        return decode(
                bytes(file, options),
                file.toString(),
                options,
                decoded -> options.applyOrientation() ? decoded.orientation().apply(decoded.image()) : decoded.image());
    }

    static byte[] bytes(Path file, ReadOptions options) {
        if (Files.isDirectory(file)) {
            throw new PictureException(file + " is a folder, not a picture");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return bytes(in, file.toString(), options);
        } catch (NoSuchFileException e) {
            throw new PictureException(file + " does not exist", e);
        } catch (IOException e) {
            throw new PictureException(file + " cannot be read: " + reason(e), e);
        }
    }

    static byte[] bytes(InputStream in, String name, ReadOptions options) throws IOException {
        int limit = (int) Math.min(options.maxFileBytes(), Integer.MAX_VALUE - 64);
        byte[] bytes = in.readNBytes(limit);
        if (bytes.length == limit && in.read() >= 0) {
            throw new PictureException(name + " is longer than the limit of " + options.maxFileBytes() + " bytes");
        }
        return bytes;
    }

    /** Decodes and converts a file; the array belongs to this method. */
    static <T> T decode(byte[] file, String name, ReadOptions options, Function<Decoded, T> conversion) {
        if (file.length == 0) {
            throw new PictureException(name + " is empty");
        }
        ImageBytes structure = ImageBytes.prepare(file);
        try (MemoryCacheImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
            ImageReader reader = readers.hasNext() ? readers.next() : null;
            if (reader == null
                    || reader.getFormatName().toLowerCase(Locale.ROOT).equals("wbmp")) {
                // WBMP has no signature: nearly any file that starts with two zeros would be one.
                throw new PictureException(name + " is not a picture of a known format (JPEG, PNG, GIF, BMP, TIFF)");
            }
            try {
                reader.setInput(stream, true, true);
                checkSize(reader, structure, name, options);
                if (structure.truncated()) {
                    throw new PictureException(name + " ends before its picture does; it is probably truncated");
                }
                return conversion.apply(new Decoded(reader.read(0), structure.orientation()));
            } finally {
                reader.dispose();
            }
        } catch (PictureException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new PictureException(name + " is broken or truncated: " + reason(e), e);
        } catch (OutOfMemoryError e) {
            // Besides pixels, headers ask for tables and strips, whose lengths only the decoder knows.
            throw new PictureException(name + " needs more memory than the Java heap has (raise it with -Xmx)", e);
        }
    }

    private static void checkSize(ImageReader reader, ImageBytes structure, String name, ReadOptions options)
            throws IOException {
        int width = reader.getWidth(0);
        int height = reader.getHeight(0);
        long pixels = (long) width * height;
        String size = name + " has " + width + "x" + height + " pixels";
        if (width < 1 || height < 1) {
            throw new PictureException(size);
        }
        if (pixels > options.maxPixels() || pixels > Picture.MAX_PIXELS) {
            throw new PictureException(
                    size + ", more than the limit of " + Math.min(options.maxPixels(), Picture.MAX_PIXELS));
        }
        if (structure.scans() * pixels > MAX_SCAN_COST * options.maxPixels()) {
            throw new PictureException(
                    size + " in " + structure.scans() + " scans, which would take too long to decode");
        }
        long bytes = pixels * (3 + (bitsPerPixel(reader) + 7) / 8);
        if (bytes > Runtime.getRuntime().maxMemory()) {
            throw new PictureException(
                    size + " and needs " + (bytes >> 20) + " MB of memory, more than the Java heap of "
                            + (Runtime.getRuntime().maxMemory() >> 20) + " MB (raise it with -Xmx)");
        }
    }

    private static int bitsPerPixel(ImageReader reader) throws IOException {
        Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0);
        return types != null && types.hasNext() ? types.next().getColorModel().getPixelSize() : 64;
    }

    /** What an exception says, on one line. */
    static String reason(Exception e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return message.lines().findFirst().orElse(message).strip();
    }
}
