package dev.sam2j.predictors.image.pixels;

/** The orientation entry in the first directory of EXIF data. */
final class ExifOrientation {
    private static final int ORIENTATION_TAG = 0x0112;
    private static final int SHORT = 3;

    private ExifOrientation() {}

    /** The orientation in a TIFF structure at {@code [from, to)}, {@link Orientation#NORMAL} if it says none. */
    static Orientation of(byte[] file, int from, int to) {
        int order = Bytes.u16(file, from, false);
        boolean little = order == 0x4949;
        if (!little && order != 0x4D4D || Bytes.u16(file, from + 2, little) != 42) {
            return Orientation.NORMAL;
        }
        long directory = from + (Bytes.u32(file, from + 4, little) & 0xFFFFFFFFL);
        if (directory + 2 > to) {
            return Orientation.NORMAL;
        }
        int entries = Bytes.u16(file, directory, little);
        for (int i = 0; i < entries; i++) {
            long entry = directory + 2 + 12L * i;
            if (entry + 12 > to) {
                break;
            }
            if (Bytes.u16(file, entry, little) == ORIENTATION_TAG) {
                boolean valid = Bytes.u16(file, entry + 2, little) == SHORT && Bytes.u32(file, entry + 4, little) == 1;
                return valid ? Orientation.ofTag(Bytes.u16(file, entry + 8, little)) : Orientation.NORMAL;
            }
        }
        return Orientation.NORMAL;
    }
}
