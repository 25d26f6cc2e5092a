package dev.sam2j.training.objective;

/**
 * How predictions are scored; the formulas are those of the public training code of SAM 2.
 *
 * @param maskWeight weight of the focal loss
 * @param diceWeight weight of the dice loss
 * @param iouWeight weight of the error of the predicted quality
 * @param objectWeight weight of the cross entropy of the object's presence
 * @param focalAlpha weight of an object's pixels in the focal loss, 1 minus that of the others
 * @param focalGamma exponent of the focal loss
 * @param superviseAllIou whether the predicted qualities of all masks count, or only that of the best one
 * @param squaredIou whether the error of a predicted quality is squared
 * @param keepAbsentLogits whether the masks of objects that are called absent count as they are; otherwise their logits
 *     are the constant -1024, through which no gradient passes
 */
public record ObjectiveOptions(
        double maskWeight,
        double diceWeight,
        double iouWeight,
        double objectWeight,
        float focalAlpha,
        float focalGamma,
        boolean superviseAllIou,
        boolean squaredIou,
        boolean keepAbsentLogits) {
    /** The public recipe. */
    public static final ObjectiveOptions PUBLIC = new ObjectiveOptions(20, 1, 1, 1, 0.25f, 2, true, false, false);

    /** The same with another error of the predicted quality. */
    public ObjectiveOptions withSquaredIou(boolean squared) {
        return new ObjectiveOptions(
                maskWeight,
                diceWeight,
                iouWeight,
                objectWeight,
                focalAlpha,
                focalGamma,
                superviseAllIou,
                squared,
                keepAbsentLogits);
    }

    /** The same with or without the logits of objects that are called absent. */
    public ObjectiveOptions withKeepAbsentLogits(boolean keep) {
        return new ObjectiveOptions(
                maskWeight,
                diceWeight,
                iouWeight,
                objectWeight,
                focalAlpha,
                focalGamma,
                superviseAllIou,
                squaredIou,
                keep);
    }
}
