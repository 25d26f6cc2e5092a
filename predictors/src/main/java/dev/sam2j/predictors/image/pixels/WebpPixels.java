package dev.sam2j.predictors.image.pixels;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The first picture of a WebP file, without alpha, with the area it is painted on. */
public final class WebpPixels {
    private static final int VP8 = 0x56503820;
    private static final int VP8L = 0x5650384C;
    private static final int VP8X = 0x56503858;
    private static final int FRAME = 0x414E4D46; // ANMF
    private static final int EXIF = 0x45584946;

    private WebpPixels() {}

    /** Leaves out profiles, EXIF, XMP, alpha and further frames. */
    public static PixelData of(byte[] file) {
        Orientation orientation = Orientation.NORMAL;
        PixelData.Canvas canvas = null;
        byte[] picture = null;
        boolean whole = false;
        int canvasWidth = 0;
        int canvasHeight = 0;
        for (long at = 12; at + 8 <= file.length; ) {
            int type = Bytes.u32(file, at, false);
            long body = at + 8;
            long end = body + (Bytes.u32(file, at + 4, true) & 0xFFFFFFFFL);
            if (type == VP8X) {
                canvasWidth = 1 + u24(file, body + 4);
                canvasHeight = 1 + u24(file, body + 7);
            } else if (type == FRAME && picture == null) {
                int x = 2 * u24(file, body);
                int y = 2 * u24(file, body + 3);
                canvas = new PixelData.Canvas(canvasWidth, canvasHeight, x, y, 0);
                at = body + 16;
                continue;
            } else if ((type == VP8 || type == VP8L) && picture == null) {
                picture = type == VP8 ? content(file, body, end) : riff(file, at, end);
                whole = end <= file.length;
            } else if (type == EXIF) {
                int start = (int) body + (Bytes.u32(file, body, false) == 0x45786966 ? 6 : 0);
                orientation = Orientation.ofExif(file, start, (int) Math.min(file.length, end));
            }
            at = end + (end & 1);
        }
        return new PixelData(picture == null ? file : picture, orientation, 1, !whole, canvas);
    }

    private static int u24(byte[] file, long at) {
        return Bytes.u32(file, at, true) & 0xFFFFFF;
    }

    private static byte[] content(byte[] file, long from, long to) {
        return Arrays.copyOfRange(file, (int) from, (int) Math.min(to, file.length));
    }

    /** A file of one chunk. */
    private static byte[] riff(byte[] file, long from, long to) {
        byte[] chunk = content(file, from, to);
        int even = chunk.length + (chunk.length & 1);
        ByteBuffer riff = ByteBuffer.allocate(12 + even).order(ByteOrder.LITTLE_ENDIAN);
        riff.put(file, 0, 4).putInt(4 + even).put(file, 8, 4).put(chunk);
        return riff.array();
    }
}
