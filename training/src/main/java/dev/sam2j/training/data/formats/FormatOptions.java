package dev.sam2j.training.data.formats;

import dev.sam2j.predictors.image.ReadOptions;
import java.util.Set;

/**
 * How annotations are read.
 *
 * @param categories names of the classes whose objects are used, empty for all
 * @param voidLabel the value of label pictures that means unknown, or -1 for none
 * @param pictures how pictures are read
 */
public record FormatOptions(Set<String> categories, int voidLabel, ReadOptions pictures) {
    /** All classes, no void, pictures as they are read elsewhere. */
    public static final FormatOptions DEFAULT = new FormatOptions(Set.of(), -1, ReadOptions.DEFAULT);

    /** Makes the set immutable. */
    public FormatOptions {
        categories = Set.copyOf(categories);
    }

    /** Whether objects of a class are used. */
    boolean takes(String category) {
        return categories.isEmpty() || categories.contains(category);
    }

    /** How label and mask pictures are read. */
    ReadOptions masks() {
        return ReadOptions.DEFAULT
                .withMaxPixels(pictures.maxPixels())
                .withMaxFileBytes(pictures.maxFileBytes())
                .withOrientation(pictures.applyOrientation());
    }
}
