package dev.sam2j.cpu.training;

import dev.sam2j.cpu.rows.Pieces;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.tensor.Tensor;
import java.util.Arrays;

/** Sets every element of a tensor. */
final class Fill {
    private Fill() {}

    static void run(Tensor x, float value, Parallel parallel) {
        Pieces.run(x, x, x, parallel, (same, atSame, again, atAgain, to, at, n) -> Arrays.fill(to, at, at + n, value));
    }
}
