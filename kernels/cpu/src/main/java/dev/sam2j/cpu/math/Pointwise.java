package dev.sam2j.cpu.math;

/** Functions applied to single values after another operation. */
public enum Pointwise {
    /** The identity. */
    NONE,
    /** {@code max(x, 0)}. */
    RELU,
    /** {@code x/2 (1 + erf(x / sqrt 2))}. */
    GELU,
    /** {@code 1 / (1 + exp(-x))}. */
    SIGMOID
}
