package dev.sam2j.cpu.rows;

import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.tensor.Tensor;

/** Rounding to bfloat16; the values stay float32. */
public final class RoundToBf16 {
    private RoundToBf16() {}

    /** The nearest bfloat16 values, ties to even. */
    public static void run(Tensor x, Tensor out, RowKernels loops, Parallel parallel) {
        Pieces.run(
                x,
                x,
                out,
                parallel,
                (from, atFrom, same, atSame, to, at, n) -> loops.roundToBf16(from, atFrom, to, at, n));
    }
}
