package dev.sam2j.training.objective;

/**
 * The losses of a prediction step or a batch, divided by the number of objects; the four terms without their weights.
 *
 * @param mask focal loss of the best masks
 * @param dice dice loss of the best masks
 * @param iou error of the predicted quality
 * @param object cross entropy of the object's presence
 * @param total what is minimised: their weighted sum
 */
public record Losses(double mask, double dice, double iou, double object, double total) {
    /** No losses. */
    public static final Losses NONE = new Losses(0, 0, 0, 0, 0);

    /** The sum with others. */
    public Losses plus(Losses other) {
        return new Losses(
                mask + other.mask, dice + other.dice, iou + other.iou, object + other.object, total + other.total);
    }

    /** These losses times a factor. */
    public Losses scaled(double factor) {
        return new Losses(factor * mask, factor * dice, factor * iou, factor * object, factor * total);
    }
}
