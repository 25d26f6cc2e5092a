package dev.sam2j.cli;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.ReadOptions;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** How picture files are read. */
final class PictureOptions {
    @Option(
            names = "--ignore-exif",
            description = "Take the picture as it is stored, even if its EXIF data say that it is turned.")
    private boolean ignoreExif;

    /** Whether pictures are taken as they are stored. */
    boolean ignoreExif() {
        return ignoreExif;
    }

    /** Reads a picture. */
    Picture read(Path file) {
        return Picture.read(file, ReadOptions.DEFAULT.withOrientation(!ignoreExif));
    }
}
