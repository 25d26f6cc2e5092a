package dev.sam2j.training.data.formats;

import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.training.TrainingException;
import dev.sam2j.training.data.ObjectMasks;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Objects given by outlines.
 *
 * @param file where they stand
 * @param kind what an object is called there
 * @param numbers of the objects there
 * @param outlines as many
 */
record OutlineObjects(Path file, String kind, long[] numbers, List<Outline> outlines) implements ObjectMasks {
    @Override
    public int count() {
        return numbers.length;
    }

    @Override
    public String name(int object) {
        return kind + " " + numbers[object] + " of " + file.getFileName();
    }

    @Override
    public List<Mask> decode(int[] objects, int width, int height) {
        return Arrays.stream(objects)
                .mapToObj(object -> decode(object, width, height))
                .toList();
    }

    private Mask decode(int object, int width, int height) {
        try {
            return outlines.get(object).fill(width, height);
        } catch (IllegalArgumentException | PictureException e) {
            throw new TrainingException(file + ": " + kind + " " + numbers[object] + ": " + e.getMessage(), e);
        }
    }
}
