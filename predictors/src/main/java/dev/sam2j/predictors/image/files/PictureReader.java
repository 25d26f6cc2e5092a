package dev.sam2j.predictors.image.files;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.image.pixels.ImageReaders;
import dev.sam2j.predictors.image.pixels.Orientation;
import dev.sam2j.predictors.image.pixels.PictureLimits;
import dev.sam2j.predictors.image.pixels.PixelData;
import dev.sam2j.predictors.image.pixels.UnsupportedPictureException;
import dev.sam2j.predictors.image.tiff.TiffFile;
import dev.sam2j.predictors.image.tiff.TiffPage;
import dev.sam2j.predictors.image.tiff.TiffReader;
import dev.sam2j.predictors.image.vp8.Vp8Frame;
import java.awt.image.BufferedImage;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;

/**
 * Decodes picture files that may be broken or hostile: size and structure are checked before memory is taken for
 * pixels, decoders see nothing but pixels ({@link PixelData}), and whatever goes wrong is a {@link PictureException}.
 */
public final class PictureReader {
    /** The formats that are read, with the suffixes of their files. */
    private static final Map<String, List<String>> FORMATS = new LinkedHashMap<>();

    static {
        FORMATS.put("JPEG", List.of("jpg", "jpeg", "jpe", "jfif"));
        FORMATS.put("PNG", List.of("png", "apng"));
        FORMATS.put("GIF", List.of("gif"));
        FORMATS.put("BMP", List.of("bmp", "dib"));
        FORMATS.put("TIFF", List.of("tif", "tiff", "btf", "tf8"));
        FORMATS.put("WebP", List.of("webp"));
        FORMATS.put("PNM", List.of("pnm", "pbm", "pgm", "ppm"));
        if (PluginPictures.areRead()) {
            FORMATS.put("AVIF", List.of("avif"));
            FORMATS.put("HEIF", List.of("heic", "heif", "hif"));
            FORMATS.put("JPEG 2000", List.of("jp2", "j2k", "j2c", "jpx", "jpf"));
        }
    }

    private PictureReader() {}

    /** The names of the formats that are read, for messages. */
    public static String formats() {
        return String.join(", ", FORMATS.keySet());
    }

    /** Whether the suffix of a file's name is that of a format that is read; the file is not looked at. */
    public static boolean isPictureName(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        String suffix = name.substring(name.lastIndexOf('.') + 1);
        return suffix.length() < name.length()
                && FORMATS.values().stream().anyMatch(suffixes -> suffixes.contains(suffix));
    }

    /** Reads a picture file, converts it to RGB and turns it as the options say. */
    public static Picture read(Path file, ReadOptions options) {
        String name = file.toString();
        return decode(ByteBuffer.wrap(bytes(file, options)), name, options, decoded -> shown(decoded, name, options));
    }

    /** Reads a picture from a stream, to its end. */
    public static Picture read(InputStream in, String name, ReadOptions options) {
        try {
            ByteBuffer file = ByteBuffer.wrap(bytes(in, name, options));
            return decode(file, name, options, decoded -> shown(decoded, name, options));
        } catch (IOException e) {
            throw new PictureException(name + " cannot be read: " + reason(e), e);
        }
    }

    /** Reads the page of a TIFF file that the options name. */
    static Picture read(TiffFile file, String name, ReadOptions options) {
        return decode(file, name, options, decoded -> shown(decoded, name, options));
    }

    private static Picture shown(Decoded decoded, String name, ReadOptions options) {
        Picture stored = Picture.of(
                decoded.image(), options.window(), notice -> options.notices().accept(name + ": " + notice));
        return options.applyOrientation() ? decoded.orientation().apply(stored) : stored;
    }

    /** A decoded file: the picture as stored and the orientation it should be shown in. */
    private record Decoded(BufferedImage image, Orientation orientation) {}

    /**
     * Reads a picture without conversion to RGB, turned as the options say. For label and mask pictures, whose values
     * are not colours.
     *
     * @throws PictureException if the file cannot be read, is not a picture, is broken, exceeds the limits, or has
     *     transparency of a kind that is not read
     */
    public static BufferedImage readStored(Path file, ReadOptions options) {
        byte[] bytes = bytes(file, options);
        if (Unread.hasAlpha(bytes)) {
            throw new PictureException(file + " has transparency, which is not read of this format; save it as PNG");
        }
        return decode(
                ByteBuffer.wrap(bytes),
                file.toString(),
                options,
                decoded -> options.applyOrientation() ? decoded.orientation().apply(decoded.image()) : decoded.image());
    }

    private static byte[] bytes(Path file, ReadOptions options) {
        if (Files.isDirectory(file)) {
            throw new PictureException(file + " is a folder, not a picture");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return bytes(in, file.toString(), options);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static byte[] bytes(InputStream in, String name, ReadOptions options) throws IOException {
        int limit = (int) Math.min(options.maxFileBytes(), Integer.MAX_VALUE - 64);
        byte[] bytes = in.readNBytes(limit);
        if (bytes.length == limit && in.read() >= 0) {
            throw new PictureException(name + " is longer than the limit of " + options.maxFileBytes() + " bytes");
        }
        return bytes;
    }

    static PictureException unreadable(Path file, IOException e) {
        if (e instanceof NoSuchFileException) {
            return new PictureException(file + " does not exist", e);
        }
        String why = e instanceof AccessDeniedException ? "permission denied" : reason(e);
        return new PictureException(file + " cannot be read: " + why, e);
    }

    /** Decodes and converts a file. */
    private static <T> T decode(ByteBuffer file, String name, ReadOptions options, Function<Decoded, T> conversion) {
        if (!file.hasRemaining()) {
            throw new PictureException(name + " is empty");
        }
        if (!TiffFile.isTiff(file)) {
            return told(name, () -> conversion.apply(singlePage(file.array(), name, options)));
        }
        TiffFile tiff = tiff(file, name);
        if (tiff.pages() > 1 && options.page() < tiff.pages()) {
            options.notices().accept(name + ": page " + (options.page() + 1) + " of " + tiff.pages() + " was taken");
        }
        return decode(tiff, name, options, conversion);
    }

    /** Decodes and converts the page of a TIFF file that the options name. */
    private static <T> T decode(TiffFile file, String name, ReadOptions options, Function<Decoded, T> conversion) {
        checkPage(options.page(), file.pages(), name);
        return told(name, () -> conversion.apply(tiff(file, name, options)));
    }

    /** Opens a TIFF file. */
    static TiffFile tiff(ByteBuffer file, String name) {
        return told(name, () -> TiffFile.open(file));
    }

    private interface Step<T> {
        T run() throws IOException;
    }

    private static <T> T told(String name, Step<T> step) {
        try {
            return step.run();
        } catch (PictureException e) {
            throw e;
        } catch (UnsupportedPictureException e) {
            throw new PictureException(name + " is " + e.getMessage() + ", which is not read", e);
        } catch (EOFException e) {
            throw new PictureException(name + " ends before its picture does; it is probably truncated", e);
        } catch (IOException e) {
            throw new PictureException(name + " is broken or truncated: " + reason(e), e);
        } catch (RuntimeException e) {
            // Decoders stumble over damage at places that tell nobody anything.
            throw new PictureException(name + " is broken or truncated: its pixels do not fit its header", e);
        } catch (OutOfMemoryError e) {
            // Besides pixels, headers ask for tables and strips, whose lengths only the decoder knows.
            throw new PictureException(name + " needs more memory than the Java heap has (raise it with -Xmx)", e);
        }
    }

    private static Decoded tiff(TiffFile file, String name, ReadOptions options) throws IOException {
        TiffPage page = TiffPage.read(file, file.page(options.page()));
        PictureLimits limits = new PictureLimits(name, page.width(), page.height(), options);
        limits.check((long) page.samples() * page.bits());
        limits.checkDensity(page.decodedSamples(), file.bytes().limit());
        for (int channel : options.channels()) {
            if (channel >= page.samples()) {
                throw new PictureException(
                        name + " has " + page.samples() + " channels, so there is no channel " + (channel + 1));
            }
        }
        TiffReader reader =
                new TiffReader(file, page, options, notice -> options.notices().accept(name + ": " + notice));
        return new Decoded(reader.read(), page.orientation());
    }

    private static void checkPage(int page, int pages, String name) {
        if (page >= pages) {
            throw new PictureException(
                    name + " has " + pages + (pages == 1 ? " page" : " pages") + ", so there is no page " + (page + 1));
        }
    }

    private static Decoded singlePage(byte[] file, String name, ReadOptions options) throws IOException {
        checkPage(options.page(), 1, name);
        if (PnmReader.isPnm(file)) {
            return new Decoded(new PnmReader(file).read(name, options), Orientation.NORMAL);
        }
        if (PluginPictures.kind(file) != null) {
            return new Decoded(PluginPictures.decode(file, name, options), Orientation.NORMAL);
        }
        PixelData pixels = PixelData.of(file);
        if (pixels.isVp8()) {
            int[] size = Vp8Frame.size(pixels.file());
            Claim claim = new Claim(size[0], size[1], 24);
            return decode(pixels, claim, file.length, name, options, () -> Vp8Frame.decode(pixels.file()));
        }
        return ImageReaders.with(pixels.file(), null, reader -> {
            if (reader == null) {
                throw new PictureException(name + " is " + Unread.kind(file) + " (known are " + formats() + ")");
            }
            Claim claim = new Claim(reader.getWidth(0), reader.getHeight(0), bitsPerPixel(reader));
            return decode(pixels, claim, file.length, name, options, () -> reader.read(0));
        });
    }

    /** What a header says. */
    private record Claim(int width, int height, int bitsPerPixel) {}

    private static Decoded decode(
            PixelData pixels,
            Claim claim,
            long fileBytes,
            String name,
            ReadOptions options,
            Step<BufferedImage> decoder)
            throws IOException {
        PixelData.Canvas canvas = pixels.canvas();
        int width = canvas == null ? claim.width() : Math.max(canvas.width(), canvas.x() + claim.width());
        int height = canvas == null ? claim.height() : Math.max(canvas.height(), canvas.y() + claim.height());
        PictureLimits limits = new PictureLimits(name, width, height, options);
        limits.check(claim.bitsPerPixel());
        limits.checkScans(pixels.scans());
        if (pixels.truncated()) {
            throw new PictureException(name + " ends before its picture does; it is probably truncated");
        }
        limits.checkDensity((long) width * height, fileBytes);
        BufferedImage image = decoder.run();
        boolean whole = image.getWidth() == width && image.getHeight() == height;
        return new Decoded(whole ? image : paint(image, canvas, width, height), pixels.orientation());
    }

    private static int bitsPerPixel(ImageReader reader) throws IOException {
        Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0);
        return types != null && types.hasNext() ? types.next().getColorModel().getPixelSize() : 64;
    }

    /** The first picture of an animation on its area. */
    private static BufferedImage paint(BufferedImage image, PixelData.Canvas canvas, int width, int height) {
        BufferedImage whole = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int[] row = new int[width];
        Arrays.fill(row, canvas.rgb());
        for (int y = 0; y < height; y++) {
            whole.getRaster().setDataElements(0, y, width, 1, row);
        }
        BufferedImage picture = Picture.of(image).toBufferedImage();
        whole.getRaster().setRect(canvas.x(), canvas.y(), picture.getRaster());
        return whole;
    }

    /** What an exception says, on one line. */
    public static String reason(Throwable e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return message.lines().findFirst().orElse(message).strip();
    }
}
