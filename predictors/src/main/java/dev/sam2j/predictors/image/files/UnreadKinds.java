package dev.sam2j.predictors.image.files;

import dev.sam2j.common.io.FileSignature;

/** Files that are known by their first bytes but not read, so that people learn what they have. */
final class UnreadKinds {
    private static final String UNREAD = ", which is not read";

    private UnreadKinds() {}

    /** What a file is that is not read, to follow "is". */
    static String of(byte[] file) {
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
}
