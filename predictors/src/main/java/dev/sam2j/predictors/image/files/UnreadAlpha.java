package dev.sam2j.predictors.image.files;

import dev.sam2j.predictors.image.pixels.Bytes;
import dev.sam2j.predictors.image.pixels.WebpPixels;
import java.nio.charset.StandardCharsets;

/** Transparency that files say they have but that is not read: it may be all there is in a mask. */
final class UnreadAlpha {
    private static final int WEBP_ALPHA_FLAG = 0x10;
    private static final int BMP_ALPHA_MASK_AT = 66;
    private static final String HEIF_ALPHA = "auxiliary:alpha";
    /** A codestream's start and the marker of its size, which ends with the number of components. */
    private static final String JPEG_2000_SIZE = "\377O\377Q";
    /** Where those of HEIF and JPEG 2000 are, before the pixels. */
    private static final int HEADERS = 1 << 16;

    private UnreadAlpha() {}

    /** Whether a file has some: a lossy WebP, a BMP of 32 bits, an AVIF, HEIF or JPEG 2000. */
    static boolean isIn(byte[] file) {
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
