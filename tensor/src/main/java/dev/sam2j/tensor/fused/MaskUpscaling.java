package dev.sam2j.tensor.fused;

import static dev.sam2j.tensor.Checks.check;
import static dev.sam2j.tensor.Checks.checkVector;

import dev.sam2j.tensor.Ops;

/**
 * Layers that enlarge an image embedding of C channels four times, see {@link DrawMasks}. Both matrices are packed over
 * output rows {@code (i, j, channel)} as in {@link Ops#convTranspose2d}.
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

    void checkFits(String op, int channels) {
        check(up1.in() == channels, op, "channels of the image", up1.in(), channels);
        check(up2.in() == channels1(), op, "inputs of the second layer", channels1(), up2.in());
        checkVector(op, "first bias", up1.bias(), channels1());
        checkVector(op, "second bias", up2.bias(), channels2());
        norm.checkFits(op, channels1());
    }
}
