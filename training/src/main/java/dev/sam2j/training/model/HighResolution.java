package dev.sam2j.training.model;

import dev.sam2j.training.grad.Composed;

/** The neck's two finest laterals and the decoder's {@code conv_s0} and {@code conv_s1}, composed as they are now. */
public record HighResolution(Composed level0, Composed level1) implements AutoCloseable {
    @Override
    public void close() {
        level0.close();
        level1.close();
    }
}
