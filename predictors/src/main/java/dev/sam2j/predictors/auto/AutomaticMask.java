package dev.sam2j.predictors.auto;

import dev.sam2j.predictors.mask.CocoRle;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.PixelBox;

/**
 * One mask that was found without being asked for.
 *
 * @param segmentation pixels of the picture that belong to the object
 * @param box bounds of the pixels, inclusive
 * @param predictedIou quality the model expects of the mask, 0 to 1
 * @param pointX column of the point that yielded the mask, in pixels of the picture
 * @param pointY row of the point
 * @param stabilityScore share of the pixels above the lower threshold that are above the higher one too; NaN if there
 *     are none
 * @param crop part of the picture that was looked at
 */
public record AutomaticMask(
        CocoRle segmentation,
        PixelBox box,
        float predictedIou,
        float pointX,
        float pointY,
        float stabilityScore,
        CropBox crop) {

    /** The pixels, decoded at each call. */
    public Mask mask() {
        return segmentation.toMask();
    }

    /** Number of pixels. */
    public int area() {
        return segmentation.area();
    }

    /** {@code [x, y, width, height]} as in the reference's records: the difference of the bounds, without + 1. */
    public int[] bbox() {
        return box.toReferenceXywh();
    }

    /** This mask with other pixels. */
    AutomaticMask withMask(Mask mask) {
        return new AutomaticMask(CocoRle.of(mask), bounds(mask), predictedIou, pointX, pointY, stabilityScore, crop);
    }

    /** Bounds of a mask; without pixels those of pixel (0, 0), as in the reference. */
    static PixelBox bounds(Mask mask) {
        return mask.isEmpty() ? new PixelBox(0, 0, 0, 0) : mask.boundingBox();
    }
}
