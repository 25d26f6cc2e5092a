package dev.sam2j.predictors.image;

import dev.sam2j.common.io.AtomicFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes PNG files, completely or not at all. */
public final class PictureWriter {
    private PictureWriter() {}

    /** Writes a picture as PNG; grey, palettes, alpha and 16 bits are kept. */
    public static void writePng(BufferedImage image, Path file) throws IOException {
        AtomicFiles.write(file, out -> {
            try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
                if (!ImageIO.write(image, "png", stream)) {
                    throw new IOException(file + " cannot be written: PNG has no pixels like those of " + image);
                }
            }
        });
    }

    /** Writes a picture as 8-bit RGB PNG. */
    public static void writePng(Picture picture, Path file) throws IOException {
        writePng(picture.toBufferedImage(), file);
    }
}
