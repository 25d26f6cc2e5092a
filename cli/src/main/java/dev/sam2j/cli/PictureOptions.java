package dev.sam2j.cli;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.ReadOptions;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** How picture files are read. */
final class PictureOptions {
    @Option(
            names = "--ignore-exif",
            description = "Take pictures as they are stored, even if their EXIF data say that they are turned.")
    private boolean ignoreExif;

    /** Whether pictures are taken as they are stored. */
    boolean ignoreExif() {
        return ignoreExif;
    }

    /** The options as the library takes them. */
    ReadOptions options() {
        return ReadOptions.DEFAULT.withOrientation(!ignoreExif);
    }

    /** Reads a picture. */
    Picture read(Path file) {
        return Picture.read(file, options());
    }
}
