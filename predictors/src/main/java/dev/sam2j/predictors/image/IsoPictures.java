package dev.sam2j.predictors.image;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ServiceLoader;

/** Pictures in files of the ISO media family, AVIF and HEIF, which a {@link PictureDecoder} reads if there is one. */
final class IsoPictures {
    private IsoPictures() {}

    /** The decoder, looked for on first use. */
    private static final class Decoder {
        static final PictureDecoder FOUND = ServiceLoader.load(
                        PictureDecoder.class, PictureDecoder.class.getClassLoader())
                .findFirst()
                .orElse(null);
    }

    /** Whether there is a decoder. */
    static boolean areRead() {
        return Decoder.FOUND != null;
    }

    /** Whether a file is one of these, by its brand. */
    static boolean isOne(byte[] file) {
        if (file.length < 12 || Bytes.u32(file, 4, false) != 0x66747970) { // ftyp
            return false;
        }
        String brand = new String(file, 8, 4, StandardCharsets.ISO_8859_1);
        return brand.matches("avif|avis|heic|heix|heim|heis|hevc|hevx|mif1|mif2|msf1|miaf");
    }

    /**
     * Decodes a file.
     *
     * @throws PictureException if there is no decoder, or the file is broken or too large
     */
    static BufferedImage decode(byte[] file, String name, ReadOptions options) throws IOException {
        boolean avif = file[8] == 'a';
        if (!areRead() || !Decoder.FOUND.accepts(file)) {
            throw new PictureException(name + " is " + (avif ? "an AVIF" : "a HEIF")
                    + " picture, which is read where the module sam2j-video-io is on the class path");
        }
        return Decoder.FOUND.decode(file, name, options.applyOrientation(), (width, height) -> {
            PictureLimits limits = new PictureLimits(name, width, height, options);
            limits.check(24);
            limits.checkDensity((long) width * height, file.length);
        });
    }
}
