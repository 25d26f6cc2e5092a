package dev.sam2j.predictors.image;

/**
 * What an encoded file says about itself outside its pixels: EXIF orientation, number of JPEG scans, and whether it
 * ends where it should. Decoders quietly fill up what a truncated file lacks, so that is checked here. Every access
 * is inside the array whatever the bytes are.
 */
record ImageBytes(Orientation orientation, int scans, boolean truncated) {
    private static final int ORIENTATION_TAG = 0x0112;
    private static final int SHORT = 3;
    private static final int APP1 = 0xE1;
    private static final int APP2 = 0xE2;
    private static final int APP15 = 0xEF;
    private static final int START_OF_SCAN = 0xDA;
    private static final int END_OF_IMAGE = 0xD9;

    /**
     * Looks at JPEG, PNG and TIFF files; any other is taken as whole and upright. Colour profiles of JPEG files are
     * hidden from decoders by renaming their segments in {@code file}: the model takes samples as stored, as the
     * reference does.
     */
    static ImageBytes prepare(byte[] file) {
        if (u16(file, 0, false) == 0xFFD8) {
            return inspectJpeg(file);
        }
        if (u32(file, 0, false) == 0x89504E47 && u32(file, 4, false) == 0x0D0A1A0A) {
            return inspectPng(file);
        }
        return new ImageBytes(exifOrientation(file, 0, file.length), 1, false);
    }

    private static ImageBytes inspectJpeg(byte[] file) {
        Orientation orientation = null;
        int scans = 0;
        int at = 2;
        while (at + 1 < file.length) {
            int marker = file[at + 1] & 255;
            if (file[at] != (byte) 0xFF || marker == 0xFF) {
                at++;
                continue;
            }
            at += 2;
            if (marker == END_OF_IMAGE) {
                return new ImageBytes(orientation == null ? Orientation.NORMAL : orientation, scans, false);
            }
            if (marker < 0xC0 || marker >= 0xD0 && marker <= 0xD8) {
                continue;
            }
            int length = Math.max(2, u16(file, at, false));
            if (marker == START_OF_SCAN) {
                scans++;
            } else if (marker == APP1 && orientation == null && isExif(file, at + 2)) {
                orientation = exifOrientation(file, at + 8, Math.min(file.length, at + length));
            } else if (marker == APP2 && u32(file, at + 2, false) == 0x4943435F) { // ICC_
                file[at - 1] = (byte) APP15;
            }
            at += length;
        }
        return new ImageBytes(orientation == null ? Orientation.NORMAL : orientation, scans, true);
    }

    private static boolean isExif(byte[] file, int at) {
        return u32(file, at, false) == 0x45786966 && u16(file, at + 4, false) == 0;
    }

    private static ImageBytes inspectPng(byte[] file) {
        Orientation orientation = Orientation.NORMAL;
        long at = 8;
        while (at + 12 <= file.length) {
            long length = u32(file, (int) at, false) & 0xFFFFFFFFL;
            int type = u32(file, (int) at + 4, false);
            if (type == 0x49454E44) { // IEND
                return new ImageBytes(orientation, 1, false);
            }
            if (type == 0x65584966) { // eXIf
                orientation = exifOrientation(file, (int) at + 8, (int) Math.min(file.length, at + 8 + length));
            }
            at += 12 + length;
        }
        return new ImageBytes(orientation, 1, true);
    }

    /** The orientation entry of the first directory of a TIFF structure in {@code [from, to)}. */
    private static Orientation exifOrientation(byte[] file, int from, int to) {
        int order = u16(file, from, false);
        boolean little = order == 0x4949;
        if (!little && order != 0x4D4D || u16(file, from + 2, little) != 42) {
            return Orientation.NORMAL;
        }
        long directory = from + (u32(file, from + 4, little) & 0xFFFFFFFFL);
        if (directory + 2 > to) {
            return Orientation.NORMAL;
        }
        int entries = u16(file, (int) directory, little);
        for (int i = 0; i < entries; i++) {
            long entry = directory + 2 + 12L * i;
            if (entry + 12 > to) {
                break;
            }
            if (u16(file, (int) entry, little) == ORIENTATION_TAG) {
                boolean valid = u16(file, (int) entry + 2, little) == SHORT && u32(file, (int) entry + 4, little) == 1;
                return valid ? Orientation.ofTag(u16(file, (int) entry + 8, little)) : Orientation.NORMAL;
            }
        }
        return Orientation.NORMAL;
    }

    /** Two bytes as a number, -1 past the end. */
    private static int u16(byte[] file, int at, boolean little) {
        if (at < 0 || at > file.length - 2) {
            return -1;
        }
        int first = file[at] & 255;
        int second = file[at + 1] & 255;
        return little ? second << 8 | first : first << 8 | second;
    }

    /** Four bytes as a number, 0 past the end. */
    private static int u32(byte[] file, int at, boolean little) {
        if (at < 0 || at > file.length - 4) {
            return 0;
        }
        int first = u16(file, at, little);
        int second = u16(file, at + 2, little);
        return little ? second << 16 | first : first << 16 | second;
    }
}
