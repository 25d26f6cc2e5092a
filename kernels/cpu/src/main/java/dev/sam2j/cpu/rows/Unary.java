package dev.sam2j.cpu.rows;

import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Tensor;

/** A linear function and an activation of every element. */
public final class Unary {
    private Unary() {}

    /** {@code out = activation(scale x + shift)}. */
    public static void run(
            Tensor x,
            float scale,
            float shift,
            Activation activation,
            Tensor out,
            RowKernels loops,
            Parallel parallel) {
        Pieces.run(x, x, out, parallel, (from, atFrom, same, atSame, to, at, n) -> {
            loops.affine(scale, from, atFrom, shift, to, at, n);
            if (activation != Activation.NONE) {
                loops.activate(activation, to, at, to, at, n);
            }
        });
    }
}
