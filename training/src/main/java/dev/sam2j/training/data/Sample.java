package dev.sam2j.training.data;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.mask.Mask;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An annotated picture, without its pixels.
 *
 * @param name identity within a data set: the file's path in its folder, with slashes
 * @param file the picture
 * @param options how the picture is read
 * @param width columns of the picture, 0 where that is not known before it is read
 * @param height rows of the picture, 0 where that is not known before it is read
 * @param objects what is annotated in it
 */
public record Sample(String name, Path file, ReadOptions options, int width, int height, ObjectMasks objects) {
    /**
     * Reads the picture.
     *
     * @throws dev.sam2j.predictors.image.PictureException if it cannot be read
     */
    public Picture picture() {
        return Picture.read(file, options);
    }

    /** Masks of some objects in the picture's own size, which must be known, as it is of all samples of a data set. */
    public List<Mask> masks(int... which) {
        return objects.decode(which, width, height);
    }

    /** Masks of all objects, as {@link #masks(int...)}. */
    public List<Mask> masks() {
        return masks(IntStream.range(0, objects.count()).toArray());
    }

    /** This sample by another name. */
    public Sample named(String other) {
        return new Sample(other, file, options, width, height, objects);
    }

    /** This picture with a known size and some of its objects. */
    Sample checked(int columns, int rows, int[] kept) {
        return new Sample(name, file, options, columns, rows, objects.only(kept));
    }
}
