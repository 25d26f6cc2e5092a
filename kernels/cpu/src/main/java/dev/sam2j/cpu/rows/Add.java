package dev.sam2j.cpu.rows;

import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.tensor.Tensor;

/** Sums of corresponding elements. */
public final class Add {
    private Add() {}

    /** {@code out = alpha a + beta b}, where the rows of b repeat. */
    public static void run(
            Tensor a, float alpha, Tensor b, float beta, Tensor out, RowKernels loops, Parallel parallel) {
        Pieces.run(
                a,
                b,
                out,
                parallel,
                (x, atX, y, atY, to, at, n) -> loops.combine(alpha, x, atX, beta, y, atY, to, at, n));
    }
}
