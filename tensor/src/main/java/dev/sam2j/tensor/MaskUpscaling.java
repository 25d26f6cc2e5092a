package dev.sam2j.tensor;

/**
 * Layers that enlarge an image embedding of C channels four times, see {@link Backend#drawMasks}. Both matrices are
 * packed over output rows {@code (i, j, channel)} as in {@link Backend#convTranspose2d}.
 *
 * @param up1 (4 * C1, C), bias C1
 * @param norm over C1 channels
 * @param up2 (4 * C2, C1), bias C2
 */
public record MaskUpscaling(Projection up1, Norm norm, Projection up2) {
    /** Channels after the first enlargement. */
    public int channels1() {
        return up1.out() / 4;
    }

    /** Channels after the second enlargement. */
    public int channels2() {
        return up2.out() / 4;
    }
}
