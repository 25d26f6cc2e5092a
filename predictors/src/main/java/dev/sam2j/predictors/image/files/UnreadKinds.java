package dev.sam2j.predictors.image.files;

import dev.sam2j.predictors.image.pixels.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Files that are known by their first bytes but not read, so that people learn what they have. */
final class UnreadKinds {
    private static final String VIDEO = "a video, not a picture; track it, or take pictures out of it";

    private static final Map<String, String> KINDS = new LinkedHashMap<>();

    static {
        KINDS.put("\0\0\0\fJXL ", "a JPEG XL picture");
        KINDS.put("\377\n", "a JPEG XL picture");
        KINDS.put("P7\n", "a PAM picture");
        KINDS.put("8BPS", "a Photoshop document");
        KINDS.put("v/1\1", "an OpenEXR picture");
        KINDS.put("#?RADIANCE", "a Radiance picture");
        KINDS.put("\0\0\1\0", "an icon file");
        KINDS.put("%PDF", "a PDF document");
        KINDS.put("<svg", "an SVG drawing");
        KINDS.put("SIMPLE  =", "a FITS file");
        KINDS.put("\211HDF", "an HDF5 file");
        KINDS.put("\223NUMPY", "a NumPy array");
        KINDS.put("PK\3\4", "a zip archive");
        KINDS.put("\37\213", "a gzip archive");
    }

    private UnreadKinds() {}

    /** What a file is that is not read, to follow "is". */
    static String of(byte[] file) {
        String start = new String(file, 0, Math.min(file.length, 16), StandardCharsets.ISO_8859_1);
        if (start.startsWith("ftyp", 4) || start.startsWith("\32E\337\243") || start.startsWith("AVI ", 8)) {
            return VIDEO;
        }
        for (Map.Entry<String, String> kind : KINDS.entrySet()) {
            if (start.startsWith(kind.getKey())) {
                return kind.getValue() + ", which is not read";
            }
        }
        boolean dicom = file.length > 132 && Bytes.u32(file, 128, false) == 0x4449434D;
        return dicom ? "a DICOM file, which is not read" : "not a picture of a known format";
    }
}
