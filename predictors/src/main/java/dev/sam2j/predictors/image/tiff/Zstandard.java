package dev.sam2j.predictors.image.tiff;

import dev.sam2j.predictors.image.pixels.UnsupportedPictureException;
import io.airlift.compress.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Zstandard by aircompressor, which only the command brings along. */
final class Zstandard {
    private Zstandard() {}

    static InputStream open(InputStream in) throws IOException {
        try {
            return Stream.open(in);
        } catch (NoClassDefFoundError e) {
            throw new UnsupportedPictureException(
                    "compressed by Zstandard, which needs io.airlift:aircompressor:2.0.3");
        }
    }

    /** Loaded when it is first used. */
    private static final class Stream {
        static InputStream open(InputStream in) {
            return new ZstdInputStream(in);
        }
    }
}
