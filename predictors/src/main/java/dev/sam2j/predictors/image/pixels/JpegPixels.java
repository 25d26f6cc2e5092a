package dev.sam2j.predictors.image.pixels;

import java.io.ByteArrayOutputStream;
import java.util.BitSet;

/** The segments of a JPEG file that say what its pixels are. */
final class JpegPixels {
    private static final int APP0 = 0xE0;
    private static final int APP1 = 0xE1;
    private static final int APP14 = 0xEE;
    private static final int APP15 = 0xEF;
    private static final int COMMENT = 0xFE;
    private static final int START_OF_SCAN = 0xDA;
    private static final int END_OF_IMAGE = 0xD9;

    /** Each scan may have tables of its own; decoders keep all they see. */
    private static final int MAX_SEGMENTS = 20_000;

    private JpegPixels() {}

    /**
     * Leaves out profiles, EXIF, comments and what follows the picture. Profiles are not applied: the model takes
     * samples as stored, as the reference does.
     *
     * @throws UnsupportedPictureException if the pixels are coded in a way that is not read
     */
    static PixelData of(byte[] file) throws UnsupportedPictureException {
        Orientation orientation = null;
        int scans = 0;
        int at = 2;
        int keptFrom = 0;
        int segments = 0;
        BitSet seen = new BitSet();
        ByteArrayOutputStream kept = new ByteArrayOutputStream(file.length);
        while (at + 1 < file.length) {
            int marker = file[at + 1] & 255;
            if (file[at] != (byte) 0xFF || marker == 0xFF) {
                at++;
                continue;
            }
            at += 2;
            if (marker == END_OF_IMAGE) {
                Bytes.copy(file, keptFrom, at, kept);
                return new PixelData(
                        kept.toByteArray(), orientation == null ? Orientation.NORMAL : orientation, scans, false);
            }
            if (marker < 0xC0 || marker >= 0xD0 && marker <= 0xD8) {
                continue;
            }
            int end = at + Math.max(2, Bytes.u16(file, at, false));
            if (marker == START_OF_SCAN) {
                scans++;
            } else if (marker == APP1 && orientation == null && isExif(file, at + 2)) {
                orientation = Orientation.ofExif(file, at + 8, Math.min(file.length, end));
            }
            checkProcess(marker, Bytes.u8(file, at + 2));
            boolean first = !seen.get(marker);
            seen.set(marker);
            boolean told = (marker == APP0 || marker == APP14) && first;
            if (marker >= APP0 && marker <= APP15 && !told || marker == COMMENT) {
                Bytes.copy(file, keptFrom, at - 2, kept);
                keptFrom = Math.min(end, file.length);
            } else if (++segments > MAX_SEGMENTS) {
                throw new UnsupportedPictureException("a JPEG of more than " + MAX_SEGMENTS + " segments");
            }
            at = end;
        }
        return new PixelData(file, Orientation.NORMAL, scans, true);
    }

    private static boolean isExif(byte[] file, int at) {
        return Bytes.u32(file, at, false) == 0x45786966 && Bytes.u16(file, at + 4, false) == 0;
    }

    /** Start-of-frame markers name the coding process; the byte given is the precision that follows them. */
    private static void checkProcess(int marker, int precision) throws UnsupportedPictureException {
        boolean frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
        if (marker == 0xF7) {
            throw new UnsupportedPictureException("a JPEG-LS file");
        }
        if (!frame) {
            return;
        }
        if (marker > 0xC8) {
            throw new UnsupportedPictureException("a JPEG with arithmetic coding");
        }
        if (marker >= 0xC5) {
            throw new UnsupportedPictureException("a hierarchical JPEG");
        }
        if (marker != 0xC3 && precision > 8) {
            throw new UnsupportedPictureException("a JPEG of " + precision + " bits a sample instead of 8");
        }
    }
}
