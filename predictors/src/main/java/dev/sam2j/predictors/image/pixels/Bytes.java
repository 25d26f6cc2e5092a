package dev.sam2j.predictors.image.pixels;

import java.io.ByteArrayOutputStream;

/** Numbers in an array whose bytes nobody has checked: reading past its end gives -1 or 0, never an exception. */
public final class Bytes {
    private Bytes() {}

    /** One byte, -1 outside. */
    public static int u8(byte[] file, long at) {
        return at < 0 || at >= file.length ? -1 : file[(int) at] & 255;
    }

    /** Two bytes as a number, -1 outside. */
    public static int u16(byte[] file, long at, boolean little) {
        if (at < 0 || at > file.length - 2) {
            return -1;
        }
        int first = file[(int) at] & 255;
        int second = file[(int) at + 1] & 255;
        return little ? second << 8 | first : first << 8 | second;
    }

    /** Four bytes as a number, 0 outside. */
    public static int u32(byte[] file, long at, boolean little) {
        if (at < 0 || at > file.length - 4) {
            return 0;
        }
        int first = u16(file, at, little);
        int second = u16(file, at + 2, little);
        return little ? second << 16 | first : first << 16 | second;
    }

    /** Appends a part of a file, as far as there is one. */
    static void copy(byte[] file, long from, long to, ByteArrayOutputStream out) {
        long end = Math.min(to, file.length);
        if (from < end) {
            out.write(file, (int) from, (int) (end - from));
        }
    }
}
