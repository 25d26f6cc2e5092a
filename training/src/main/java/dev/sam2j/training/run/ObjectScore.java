package dev.sam2j.training.run;

/**
 * How well one object is found, all by intersection over union with its true mask.
 *
 * @param area pixels of the true mask in the model's square picture
 * @param click of one click in its middle, the mask that the model thinks best
 * @param clickBest of the same click, the best of the three masks
 * @param clickDice Dice coefficient of {@code click}'s mask
 * @param box of its box
 * @param corrected of the click and corrections after it
 * @param qualityError distance of the predicted quality of {@code click}'s mask from its real one
 */
public record ObjectScore(
        long area,
        double click,
        double clickBest,
        double clickDice,
        double box,
        double corrected,
        double qualityError) {}
