package dev.sam2j.training.grad;

import dev.sam2j.tensor.PackedMatrix;

/** A matrix (out, in) that products are made with. */
public interface Weight {
    /** The matrix. */
    Var var();

    /** The matrix for {@code x Wᵀ}. */
    PackedMatrix packed();

    /** The matrix for {@code dY W}. */
    PackedMatrix packedTransposed();
}
