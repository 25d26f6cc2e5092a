package dev.sam2j.predictors.image.files;

import dev.sam2j.common.io.AtomicFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes PNG files, completely or not at all. */
public final class PngFile {
    private PngFile() {}

    /** Writes a picture as PNG; grey, palettes, alpha and 16 bits are kept. */
    public static void write(BufferedImage image, Path file) {
        AtomicFiles.writeUnchecked(file, out -> {
            try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
                if (!ImageIO.write(image, "png", stream)) {
                    throw new IOException(file + " cannot be written: PNG has no pixels like those of " + image);
                }
            }
        });
    }
}
