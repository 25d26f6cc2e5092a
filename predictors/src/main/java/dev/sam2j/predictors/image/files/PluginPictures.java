package dev.sam2j.predictors.image.files;

import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.image.pixels.PictureLimits;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.ServiceLoader;

/** Pictures that a {@link PictureDecoder} reads if there is one: AVIF, HEIF and JPEG 2000. */
final class PluginPictures {
    private PluginPictures() {}

    /** The decoders, looked for on first use. */
    private static final class Decoders {
        static final List<PictureDecoder> FOUND =
                ServiceLoader.load(PictureDecoder.class, PictureDecoder.class.getClassLoader()).stream()
                        .map(ServiceLoader.Provider::get)
                        .toList();
    }

    /** Whether there is a decoder. */
    static boolean areRead() {
        return !Decoders.FOUND.isEmpty();
    }

    /** Which of them a file is, with its article, by its first bytes, or null if it is none. */
    static String kind(byte[] file) {
        if (file.length < 12) {
            return null;
        }
        String start = new String(file, 0, 12, StandardCharsets.ISO_8859_1);
        if (start.startsWith("\0\0\0\fjP  ") || start.startsWith("\377O\377Q")) {
            return "a JPEG 2000";
        }
        if (!start.matches("(?s).{4}ftyp(avif|avis|heic|heix|heim|heis|hevc|hevx|mif1|mif2|msf1|miaf)")) {
            return null;
        }
        return start.charAt(8) == 'a' ? "an AVIF" : "a HEIF";
    }

    /**
     * Decodes a file.
     *
     * @throws PictureException if there is no decoder, or the file is broken or too large
     */
    static BufferedImage decode(byte[] file, String name, ReadOptions options) throws IOException {
        PictureDecoder decoder = Decoders.FOUND.stream()
                .filter(found -> found.accepts(file))
                .findFirst()
                .orElseThrow(() -> new PictureException(name + " is " + kind(file)
                        + " picture, which is read where the module sam2j-video-io is on the class path"));
        return decoder.decode(file, name, options.applyOrientation(), (width, height) -> {
            PictureLimits limits = new PictureLimits(name, width, height, options);
            limits.check(24);
            limits.checkDensity((long) width * height, file.length);
        });
    }
}
