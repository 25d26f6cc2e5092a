package dev.sam2j.training.run;

import dev.sam2j.training.ValidationScores;
import java.util.Collection;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How well the objects of a picture are found.
 *
 * @param index of the picture in its data set
 * @param objects in the order of the sample; at least one
 */
record PictureScore(int index, List<ObjectScore> objects) {
    /** What ranks pictures: the mean of clicks and boxes. */
    double score() {
        return scores(List.of(this)).score();
    }

    /** Means over all objects of some pictures. */
    static ValidationScores scores(Collection<PictureScore> pictures) {
        return means(
                pictures.stream().flatMap(picture -> picture.objects.stream()).toList());
    }

    /** Means over objects. */
    static ValidationScores means(List<ObjectScore> objects) {
        return new ValidationScores(
                objects.size(),
                mean(objects, ObjectScore::click),
                mean(objects, ObjectScore::clickBest),
                mean(objects, ObjectScore::clickDice),
                mean(objects, ObjectScore::box),
                mean(objects, ObjectScore::corrected),
                mean(objects, ObjectScore::qualityError));
    }

    private static double mean(List<ObjectScore> objects, ToDoubleFunction<ObjectScore> value) {
        return objects.stream().mapToDouble(value).average().orElse(Double.NaN);
    }
}
