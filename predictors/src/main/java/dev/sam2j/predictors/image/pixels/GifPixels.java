package dev.sam2j.predictors.image.pixels;

import java.io.ByteArrayOutputStream;

/** The first picture of a GIF file, with the area it is painted on. */
final class GifPixels {
    private static final int EXTENSION = 0x21;
    private static final int GRAPHIC_CONTROL = 0xF9;
    private static final int IMAGE = 0x2C;
    private static final int TRAILER = 0x3B;

    private GifPixels() {}

    /** Leaves out comments, other extensions and further frames. */
    static PixelData of(byte[] file) {
        ByteArrayOutputStream kept = new ByteArrayOutputStream(file.length);
        long at = 13 + tableBytes(Bytes.u8(file, 10));
        Bytes.copy(file, 0, at, kept);
        while (Bytes.u8(file, at) == EXTENSION) {
            long end = blocksEnd(file, at + 2);
            if (Bytes.u8(file, at + 1) == GRAPHIC_CONTROL) {
                Bytes.copy(file, at, end, kept);
            }
            at = end;
        }
        if (Bytes.u8(file, at) != IMAGE) {
            return new PixelData(file, Orientation.NORMAL, 1, true);
        }
        int x = Bytes.u16(file, at + 1, true);
        int y = Bytes.u16(file, at + 3, true);
        long end = blocksEnd(file, at + 11 + tableBytes(Bytes.u8(file, at + 9)));
        Bytes.copy(file, at, end, kept);
        kept.write(TRAILER);
        boolean hasTable = tableBytes(Bytes.u8(file, 10)) > 0;
        int background = hasTable ? Bytes.u32(file, 12L + 3 * Bytes.u8(file, 11), false) & 0xFFFFFF : 0;
        PixelData.Canvas canvas =
                new PixelData.Canvas(Bytes.u16(file, 6, true), Bytes.u16(file, 8, true), x, y, background);
        return new PixelData(kept.toByteArray(), Orientation.NORMAL, 1, end > file.length, canvas);
    }

    private static int tableBytes(int flags) {
        return (flags & 0x80) == 0 ? 0 : 3 << (flags & 7) + 1;
    }

    /** Where a chain of blocks of up to 255 bytes ends, behind the empty one; past the file if there is none. */
    private static long blocksEnd(byte[] file, long first) {
        long at = first;
        int length = Bytes.u8(file, at);
        while (length > 0) {
            at += 1 + length;
            length = Bytes.u8(file, at);
        }
        return length < 0 ? file.length + 1L : at + 1;
    }
}
