package dev.sam2j.predictors.image.pixels;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.CRC32;

/** The chunks of a PNG file that say what its pixels are. */
final class PngPixels {
    private static final int IHDR = 0x49484452;
    private static final int PLTE = 0x504C5445;
    private static final int TRNS = 0x74524E53;
    private static final int IDAT = 0x49444154;
    private static final int IEND = 0x49454E44;
    private static final int EXIF = 0x65584966;

    private PngPixels() {}

    /** Leaves out text, profiles, gamma and animation, and joins the pixels' chunks, each of which costs a decoder. */
    static PixelData of(byte[] file) {
        Orientation orientation = Orientation.NORMAL;
        ByteArrayOutputStream kept = new ByteArrayOutputStream(file.length);
        ByteArrayOutputStream pixels = new ByteArrayOutputStream(file.length);
        Set<Integer> seen = new HashSet<>();
        Bytes.copy(file, 0, 8, kept);
        long at = 8;
        while (at + 12 <= file.length) {
            long length = Bytes.u32(file, at, false) & 0xFFFFFFFFL;
            int type = Bytes.u32(file, at + 4, false);
            long end = at + 12 + length;
            switch (type) {
                case IDAT -> Bytes.copy(file, at + 8, end - 4, pixels);
                case IHDR, PLTE, TRNS -> Bytes.copy(file, at, seen.add(type) ? end : at, kept);
                case EXIF -> orientation = Orientation.ofExif(file, (int) at + 8, (int) Math.min(file.length, end));
                case IEND -> {
                    writeChunk(IDAT, pixels.toByteArray(), kept);
                    Bytes.copy(file, at, end, kept);
                    return new PixelData(kept.toByteArray(), orientation, 1, false);
                }
                default -> {}
            }
            at = end;
        }
        return new PixelData(file, orientation, 1, true);
    }

    private static void writeChunk(int type, byte[] data, ByteArrayOutputStream out) {
        byte[] head = ByteBuffer.allocate(8).putInt(data.length).putInt(type).array();
        CRC32 crc = new CRC32();
        crc.update(head, 4, 4);
        crc.update(data);
        out.writeBytes(head);
        out.writeBytes(data);
        out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }
}
