package dev.sam2j.predictors.image;

import dev.sam2j.predictors.image.files.PictureReader;
import dev.sam2j.predictors.image.files.PngFile;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.function.Consumer;

/** An immutable picture of 8-bit RGB samples, interleaved and row-major. Both sides are at least 1. */
public final class Picture {
    /** Most pixels of a picture: three bytes each must fit an array. */
    public static final int MAX_PIXELS = (Integer.MAX_VALUE - 64) / 3;

    private final byte[] rgb;
    private final int width;
    private final int height;

    private Picture(byte[] rgb, int width, int height) {
        this.rgb = rgb;
        this.width = width;
        this.height = height;
    }

    /** Wraps an array that nobody else will change. */
    public static Picture owning(byte[] rgb, int width, int height) {
        return new Picture(rgb, width, height);
    }

    /**
     * A picture of the given samples, which are copied.
     *
     * @param rgb {@code width * height * 3} samples: red, green, blue of the top left pixel, then of its right
     *     neighbour, ...
     * @throws IllegalArgumentException if the size is not positive or does not match the number of samples
     */
    public static Picture of(byte[] rgb, int width, int height) {
        if (width < 1 || height < 1 || (long) width * height > MAX_PIXELS || rgb.length != width * height * 3) {
            throw new IllegalArgumentException(
                    "picture: " + width + "x" + height + " RGB does not match " + rgb.length + " bytes");
        }
        return new Picture(rgb.clone(), width, height);
    }

    /**
     * A picture of the stored samples of {@code image}: alpha and colour profiles are dropped, grey is repeated,
     * palettes are looked up, and samples of another depth than 8 bits are scaled to 0..255 and rounded, by the
     * {@link WindowChoice#usual usual window} where they have 16 bits or more or a sign.
     */
    public static Picture of(BufferedImage image) {
        return of(image, WindowChoice.usual(), notice -> {});
    }

    /**
     * A picture whose samples are scaled by a window, of which somebody is told, otherwise as
     * {@link #of(BufferedImage)}.
     */
    public static Picture of(BufferedImage image, WindowChoice window, Consumer<String> notices) {
        if ((long) image.getWidth() * image.getHeight() > MAX_PIXELS) {
            throw new IllegalArgumentException("picture: " + image.getWidth() + "x" + image.getHeight()
                    + " is more than " + MAX_PIXELS + " pixels");
        }
        return new Picture(RgbConversion.toRgb(image, window, notices), image.getWidth(), image.getHeight());
    }

    /** {@link #read(Path, ReadOptions)} with {@link ReadOptions#DEFAULT}. */
    public static Picture read(Path file) {
        return read(file, ReadOptions.DEFAULT);
    }

    /**
     * Reads a picture file: JPEG, PNG, GIF and WebP (first frame), BMP, TIFF, PNM, converted as
     * {@link #of(BufferedImage)} does.
     *
     * @throws PictureException if the file cannot be read, is not a picture, is broken, or exceeds the limits
     */
    public static Picture read(Path file, ReadOptions options) {
        return PictureReader.read(file, options);
    }

    /**
     * Reads a picture from a stream, to its end; does not close it.
     *
     * @param name what messages call the picture
     * @throws PictureException as {@link #read(Path, ReadOptions)}
     */
    public static Picture read(InputStream in, String name, ReadOptions options) {
        return PictureReader.read(in, name, options);
    }

    /** Number of columns. */
    public int width() {
        return width;
    }

    /** Number of rows. */
    public int height() {
        return height;
    }

    /** The samples, interleaved and row-major: the picture's own array, only to be read. */
    public byte[] rgb() {
        return rgb;
    }

    /** The pixel in column {@code x} of row {@code y} as {@code 0xRRGGBB}. */
    public int pixel(int x, int y) {
        if (x < 0 || y < 0 || x >= width || y >= height) {
            throw new IndexOutOfBoundsException(
                    "picture: pixel (" + x + ", " + y + ") is outside " + width + "x" + height);
        }
        return packed((y * width + x) * 3);
    }

    private int packed(int at) {
        return (rgb[at] & 255) << 16 | (rgb[at + 1] & 255) << 8 | rgb[at + 2] & 255;
    }

    /**
     * A part of this picture.
     *
     * @throws IllegalArgumentException if the part is empty or reaches over a border
     */
    public Picture crop(int x, int y, int cropWidth, int cropHeight) {
        if (x < 0 || y < 0 || cropWidth < 1 || cropHeight < 1 || cropWidth > width - x || cropHeight > height - y) {
            throw new IllegalArgumentException("crop: " + cropWidth + "x" + cropHeight + " at (" + x + ", " + y
                    + ") is not inside " + width + "x" + height);
        }
        byte[] part = new byte[cropWidth * cropHeight * 3];
        for (int row = 0; row < cropHeight; row++) {
            System.arraycopy(rgb, ((y + row) * width + x) * 3, part, row * cropWidth * 3, cropWidth * 3);
        }
        return new Picture(part, cropWidth, cropHeight);
    }

    /** A copy as a picture of type {@link BufferedImage#TYPE_INT_RGB}. */
    public BufferedImage toBufferedImage() {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int[] data = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
        for (int i = 0; i < data.length; i++) {
            data[i] = packed(3 * i);
        }
        return image;
    }

    /**
     * Writes the picture as 8-bit RGB PNG; the file appears when it is whole, and replaces one that was there.
     *
     * @throws java.io.UncheckedIOException if the file cannot be written
     */
    public void write(Path file) {
        PngFile.write(toBufferedImage(), file);
    }

    /** For example {@code Picture[640x480]}. */
    @Override
    public String toString() {
        return "Picture[" + width + "x" + height + "]";
    }
}
