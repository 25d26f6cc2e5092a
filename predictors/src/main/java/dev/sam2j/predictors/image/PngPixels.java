package dev.sam2j.predictors.image;

import java.io.ByteArrayOutputStream;

/** The chunks of a PNG file that say what its pixels are. */
final class PngPixels {
    private static final int IHDR = 0x49484452;
    private static final int PLTE = 0x504C5445;
    private static final int TRNS = 0x74524E53;
    private static final int IDAT = 0x49444154;
    private static final int IEND = 0x49454E44;
    private static final int EXIF = 0x65584966;

    private PngPixels() {}

    /** Leaves out text, profiles, gamma and animation. */
    static PixelData of(byte[] file) {
        Orientation orientation = Orientation.NORMAL;
        ByteArrayOutputStream kept = new ByteArrayOutputStream(file.length);
        Bytes.copy(file, 0, 8, kept);
        long at = 8;
        while (at + 12 <= file.length) {
            long length = Bytes.u32(file, at, false) & 0xFFFFFFFFL;
            int type = Bytes.u32(file, at + 4, false);
            long end = at + 12 + length;
            switch (type) {
                case IHDR, PLTE, TRNS, IDAT, IEND -> Bytes.copy(file, at, end, kept);
                case EXIF -> orientation = ExifOrientation.of(file, (int) at + 8, (int) Math.min(file.length, end));
                default -> {}
            }
            if (type == IEND) {
                return new PixelData(kept.toByteArray(), orientation, 1, false);
            }
            at = end;
        }
        return new PixelData(file, orientation, 1, true);
    }
}
