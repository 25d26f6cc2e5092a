package dev.sam2j.training.objective;

import dev.sam2j.training.model.PictureVars;
import dev.sam2j.training.model.Prediction;

/** Sees what a batch computes while it is valid; used to find where two implementations diverge. */
public interface StepObserver {
    /** Looks away. */
    StepObserver NONE = new StepObserver() {};

    /** A picture's features; gradients are there and complete when all its objects have been gone back over. */
    default void picture(int picture, PictureVars vars, boolean gradients) {}

    /** A prediction about the objects from {@code firstObject} on, first without gradients, then with them. */
    default void prediction(int step, int firstObject, Prediction prediction, boolean gradients) {}
}
