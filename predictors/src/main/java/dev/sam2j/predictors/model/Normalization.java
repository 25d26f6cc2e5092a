package dev.sam2j.predictors.model;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.ResizeFilter;
import dev.sam2j.tensor.Tensor;

/** Turns pictures into the model's input: squashed to a square, mean and deviation of the training pictures removed. */
public final class Normalization {
    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] STD = {0.229f, 0.224f, 0.225f};

    private Normalization() {}

    /** The picture as (1, size, size, 3). */
    public static Tensor apply(Ops ops, Picture picture, ResizeFilter filter, int size) {
        return ops.imageToTensor(picture.rgb(), picture.height(), picture.width(), filter, MEAN, STD, size);
    }
}
