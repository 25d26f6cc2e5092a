package dev.sam2j.predictors.image.pixels;

import dev.sam2j.predictors.image.Picture;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.util.stream.Stream;

/**
 * The eight values of the EXIF orientation tag (CIPA DC-008, tag 0x0112). Each is an optional swap of rows and columns
 * followed by optional mirroring of the result.
 */
public enum Orientation {
    NORMAL(false, false, false),
    MIRRORED(false, true, false),
    ROTATED_180(false, true, true),
    FLIPPED(false, false, true),
    TRANSPOSED(true, false, false),
    ROTATED_90(true, true, false),
    TRANSVERSED(true, true, true),
    ROTATED_270(true, false, true);

    private static final int EXIF_TAG = 0x0112;
    private static final int EXIF_SHORT = 3;

    private final boolean swapAxes;
    private final boolean mirrorX;
    private final boolean mirrorY;

    Orientation(boolean swapAxes, boolean mirrorX, boolean mirrorY) {
        this.swapAxes = swapAxes;
        this.mirrorX = mirrorX;
        this.mirrorY = mirrorY;
    }

    /** The orientation of a tag value; {@link #NORMAL} outside 1 to 8, as viewers take it. */
    public static Orientation ofTag(int value) {
        return value < 1 || value > 8 ? NORMAL : values()[value - 1];
    }

    /** The orientation in the first directory of EXIF data at {@code [from, to)}, {@link #NORMAL} if it says none. */
    static Orientation ofExif(byte[] file, int from, int to) {
        int order = Bytes.u16(file, from, false);
        boolean little = order == 0x4949;
        if (!little && order != 0x4D4D || Bytes.u16(file, from + 2, little) != 42) {
            return NORMAL;
        }
        long directory = from + (Bytes.u32(file, from + 4, little) & 0xFFFFFFFFL);
        if (directory + 2 > to) {
            return NORMAL;
        }
        int entries = Bytes.u16(file, directory, little);
        for (int i = 0; i < entries; i++) {
            long entry = directory + 2 + 12L * i;
            if (entry + 12 > to) {
                break;
            }
            if (Bytes.u16(file, entry, little) == EXIF_TAG) {
                boolean valid =
                        Bytes.u16(file, entry + 2, little) == EXIF_SHORT && Bytes.u32(file, entry + 4, little) == 1;
                return valid ? ofTag(Bytes.u16(file, entry + 8, little)) : NORMAL;
            }
        }
        return NORMAL;
    }

    /** The orientation that swaps rows and columns and then mirrors, or not. */
    public static Orientation of(boolean swapAxes, boolean mirrorX, boolean mirrorY) {
        return Stream.of(values())
                .filter(o -> o.swapAxes == swapAxes && o.mirrorX == mirrorX && o.mirrorY == mirrorY)
                .findFirst()
                .orElseThrow();
    }

    /** Width of a picture as it is meant to be seen. */
    public int width(int storedWidth, int storedHeight) {
        return swapAxes ? storedHeight : storedWidth;
    }

    /** Height of a picture as it is meant to be seen. */
    public int height(int storedWidth, int storedHeight) {
        return swapAxes ? storedWidth : storedHeight;
    }

    /** The picture as it is meant to be seen. */
    public Picture apply(Picture stored) {
        if (this == NORMAL) {
            return stored;
        }
        int width = width(stored.width(), stored.height());
        int height = height(stored.width(), stored.height());
        byte[] from = stored.rgb();
        byte[] to = new byte[from.length];
        int stepX = (swapAxes ? stored.width() : 1) * 3;
        int stepY = (swapAxes ? 1 : stored.width()) * 3;
        int start = (mirrorX ? (width - 1) * stepX : 0) + (mirrorY ? (height - 1) * stepY : 0);
        int dx = mirrorX ? -stepX : stepX;
        int dy = mirrorY ? -stepY : stepY;
        for (int y = 0, out = 0; y < height; y++) {
            int in = start + y * dy;
            for (int x = 0; x < width; x++, out += 3, in += dx) {
                to[out] = from[in];
                to[out + 1] = from[in + 1];
                to[out + 2] = from[in + 2];
            }
        }
        return Picture.owning(to, width, height);
    }

    /** As {@link #apply(Picture)} for a picture with samples of any kind. */
    public BufferedImage apply(BufferedImage stored) {
        if (this == NORMAL) {
            return stored;
        }
        Raster from = stored.getRaster();
        int width = width(from.getWidth(), from.getHeight());
        int height = height(from.getWidth(), from.getHeight());
        WritableRaster to = from.createCompatibleWritableRaster(width, height);
        Object pixel = null;
        for (int y = 0; y < height; y++) {
            int b = mirrorY ? height - 1 - y : y;
            for (int x = 0; x < width; x++) {
                int a = mirrorX ? width - 1 - x : x;
                pixel = from.getDataElements(
                        from.getMinX() + (swapAxes ? b : a), from.getMinY() + (swapAxes ? a : b), pixel);
                to.setDataElements(x, y, pixel);
            }
        }
        return new BufferedImage(stored.getColorModel(), to, stored.isAlphaPremultiplied(), null);
    }
}
