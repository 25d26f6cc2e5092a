package dev.sam2j.cli.files;

import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.MaskPng;
import java.nio.file.Path;

/** Masks that belong to a picture or a video. */
public final class MaskFile {
    private MaskFile() {}

    /**
     * Reads a mask.
     *
     * @param of what it belongs to, for the message
     * @throws CliException if it has another size
     * @throws dev.sam2j.predictors.image.PictureException if it cannot be read, or it is unclear which pixels are meant
     */
    public static Mask read(Path file, int width, int height, String of) {
        Mask mask = MaskPng.read(file, ReadOptions.DEFAULT);
        requireSize(mask, file.toString(), width, height, of);
        return mask;
    }

    /** Requires that a mask has the size of what it belongs to. */
    public static void requireSize(Mask mask, String name, int width, int height, String of) {
        if (mask.width() == width && mask.height() == height) {
            return;
        }
        boolean turned = mask.width() == height && mask.height() == width;
        throw CliException.failure(name + ": the mask is " + mask.width() + "x" + mask.height() + ", but the " + of
                + " is " + width + "x" + height
                + (turned
                        ? " as it is shown; if the mask was drawn without regard to EXIF orientation, turn it or give"
                                + " --ignore-exif"
                        : "; scale the mask to that size"));
    }
}
