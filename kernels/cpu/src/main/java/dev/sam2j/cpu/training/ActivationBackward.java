package dev.sam2j.cpu.training;

import dev.sam2j.cpu.rows.Pieces;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Tensor;

/** The adjoint of an activation. */
final class ActivationBackward {
    private ActivationBackward() {}

    /** {@code dX += dY f'}, with f' from the argument for GELU, from the value for the others. */
    static void run(Activation function, Tensor saved, Tensor dY, Tensor dX, ElementLoops loops, Parallel parallel) {
        Pieces.run(
                saved,
                dY,
                dX,
                parallel,
                (f, atF, y, atY, x, atX, n) -> loops.activationBackward(function, f, atF, y, atY, x, atX, n));
    }
}
