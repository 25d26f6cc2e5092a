package dev.sam2j.training;

/**
 * How well a model finds the objects of a data set, as means over objects; intersection over union where nothing else
 * is said, on the model's square picture.
 *
 * @param objects how many
 * @param click of one click in the object's middle, the mask that the model thinks best
 * @param clickBest of the same click, the best of the three masks
 * @param clickDice Dice coefficient of {@code click}'s masks
 * @param box of the object's box
 * @param corrected of the click and corrections after it
 * @param qualityError distance of the predicted quality from the real one
 */
public record ValidationScores(
        int objects,
        double click,
        double clickBest,
        double clickDice,
        double box,
        double corrected,
        double qualityError) {
    /** What decides which weights are best: the mean of {@code click} and {@code box}. */
    public double score() {
        return (click + box) / 2;
    }
}
