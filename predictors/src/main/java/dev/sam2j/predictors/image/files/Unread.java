package dev.sam2j.predictors.image.files;

import dev.sam2j.common.io.FileSignature;
import dev.sam2j.predictors.image.pixels.Bytes;
import dev.sam2j.predictors.image.pixels.WebpPixels;
import java.nio.charset.StandardCharsets;

/** What files are or have that is known by their first bytes but not read, so that people learn what they have. */
final class Unread {
    private static final int WEBP_ALPHA_FLAG = 0x10;
    private static final int BMP_ALPHA_MASK_AT = 66;
    private static final String HEIF_ALPHA = "auxiliary:alpha";
    /** A codestream's start and the marker of its size, which ends with the number of components. */
    private static final String JPEG_2000_SIZE = "\377O\377Q";
    /** Where those of HEIF and JPEG 2000 are, before the pixels. */
    private static final int HEADERS = 1 << 16;

    private static final String UNREAD = ", which is not read";

    private Unread() {}

    /** What a file is that is not read, to follow "is". */
    static String kind(byte[] file) {
        return switch (FileSignature.of(file)) {
            case MP4, MATROSKA, AVI -> "a video, not a picture; track it, or take pictures out of it";
            case JPEG_XL -> "a JPEG XL picture" + UNREAD;
            case PAM -> "a PAM picture" + UNREAD;
            case PHOTOSHOP -> "a Photoshop document" + UNREAD;
            case OPEN_EXR -> "an OpenEXR picture" + UNREAD;
            case RADIANCE -> "a Radiance picture" + UNREAD;
            case ICON -> "an icon file" + UNREAD;
            case PDF -> "a PDF document" + UNREAD;
            case SVG -> "an SVG drawing" + UNREAD;
            case FITS -> "a FITS file" + UNREAD;
            case HDF5 -> "an HDF5 file" + UNREAD;
            case NUMPY -> "a NumPy array" + UNREAD;
            case ZIP -> "a zip archive" + UNREAD;
            case GZIP -> "a gzip archive" + UNREAD;
            case DICOM -> "a DICOM file" + UNREAD;
            default -> "not a picture of a known format";
        };
    }

    /**
     * Whether a file says that it has transparency that is not read, which may be all there is in a mask: a lossy
     * WebP, a BMP of 32 bits, an AVIF, HEIF or JPEG 2000.
     */
    static boolean hasAlpha(byte[] file) {
        String start = new String(file, 0, Math.min(file.length, 16), StandardCharsets.ISO_8859_1);
        if (start.startsWith("RIFF") && start.startsWith("WEBPVP8X", 8)) {
            return (Bytes.u8(file, 20) & WEBP_ALPHA_FLAG) != 0
                    && WebpPixels.of(file).isVp8();
        }
        if (start.startsWith("BM")) {
            boolean bitFields = Bytes.u32(file, 30, true) == 3 && Bytes.u32(file, 14, true) >= 56;
            return bitFields && Bytes.u32(file, BMP_ALPHA_MASK_AT, true) != 0;
        }
        if (PluginPictures.kind(file) == null) {
            return false;
        }
        String headers = new String(file, 0, Math.min(file.length, HEADERS), StandardCharsets.ISO_8859_1);
        int codestream = headers.indexOf(JPEG_2000_SIZE);
        int components = codestream < 0 ? 0 : Bytes.u16(file, codestream + 40, false);
        return components == 2 || components == 4 || headers.contains(HEIF_ALPHA);
    }
}
