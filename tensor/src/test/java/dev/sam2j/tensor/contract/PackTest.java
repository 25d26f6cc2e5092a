package dev.sam2j.tensor.contract;

import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.PackedMatrix;
import org.junit.jupiter.api.Test;

class PackTest extends TrainingContract {
    @Test
    void asItLies() {
        check(1, 1, 1, 0, false);
        check(13, 33, 47, 3, false);
        check(97, 256, 128, 0, false);
        check(5, 70, 2048, 0, false);
    }

    @Test
    void transposed() {
        check(1, 1, 1, 0, true);
        check(13, 33, 47, 3, true);
        check(97, 256, 128, 0, true);
        check(5, 2048, 70, 0, true);
    }

    /** Multiplies by a matrix (out, in), or (in, out) if it is to be transposed; what there is is added. */
    private void check(int rows, int in, int out, int gap, boolean transposed) {
        Operand x = spread(gap, 1, rows, in);
        Operand matrix = transposed ? spread(gap, 1, in, out) : spread(gap, 1, out, in);
        Operand y = spread(gap, 1, rows, out);
        train((ops, b) -> {
            try (PackedMatrix packed = ops.pack(matrix.on(b), transposed)) {
                b.gemm(x.on(b), packed, Epilogue.NONE.plus(y.on(b)), y.on(b));
            }
        });
        assertClose(y, GemmTest.tolerance(in), 1e-6);
    }
}
