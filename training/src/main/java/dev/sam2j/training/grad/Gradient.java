package dev.sam2j.training.grad;

import dev.sam2j.tensor.Tensor;

/** What has been added up of the gradient of one value. */
interface Gradient {
    /** The sum so far, zeros at first. */
    Tensor sum();

    /** Memory for a sum whose first addend is about to be written, or null if there is one already. */
    Tensor unwritten();

    /** Whether there is an addend. */
    boolean isWritten();

    /** Frees the memory. */
    void release();
}
