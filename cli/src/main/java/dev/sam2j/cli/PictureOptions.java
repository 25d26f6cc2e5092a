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

    /** Reads a picture, from standard input if it is called {@code -}. */
    Picture read(Path file) {
        return InputFile.isStdin(file)
                ? Picture.read(System.in, "standard input", options())
                : Picture.read(file, options());
    }

    /** The options as the library takes them. */
    ReadOptions options() {
        return ReadOptions.DEFAULT.withOrientation(!ignoreExif);
    }

    /** Whether a picture that {@link #read} gave was turned on its side by its EXIF orientation. */
    boolean turned(Path file, Picture picture) {
        if (ignoreExif || InputFile.isStdin(file)) {
            return false;
        }
        Picture stored = Picture.read(file, ReadOptions.DEFAULT.withOrientation(false));
        return stored.width() == picture.height() && stored.height() == picture.width();
    }
}
