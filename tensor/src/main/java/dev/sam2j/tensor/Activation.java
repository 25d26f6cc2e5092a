package dev.sam2j.tensor;

/** Elementwise functions that backends fuse into the operation before them. */
public enum Activation {
    /** The identity. */
    NONE,
    /** {@code max(x, 0)}. */
    RELU,
    /** {@code x/2 (1 + erf(x / sqrt 2))}, the exact form. */
    GELU,
    /** {@code 1 / (1 + exp(-x))}. */
    SIGMOID
}
