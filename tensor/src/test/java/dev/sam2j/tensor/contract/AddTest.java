package dev.sam2j.tensor.contract;

import org.junit.jupiter.api.Test;

class AddTest extends BackendContract {
    /** Two products and a sum, each rounded to 6e-8 of values below about 10. */
    private static final double TOLERANCE = 2e-6;

    @Test
    void broadcastsRows() {
        check(1, 1, 1, 0);
        check(24, 8, 33, 0);
        check(24, 8, 33, 3);
        check(600, 1, 96, 0);
        check(4096, 64, 16, 0);
        check(90, 90, 17, 0);
    }

    @Test
    void destinationMayBeEitherInput() {
        Operand a = spread(2, 1, 31, 20);
        Operand b = spread(2, 1, 31, 20);
        run(t -> t.add(a.on(t), 2f, b.on(t), -0.5f, a.on(t)));
        assertClose(a, TOLERANCE, 0);
        run(t -> t.add(a.on(t), 1f, b.on(t), 0.25f, b.on(t)));
        // a was rounded, and is of order 10 at most
        assertClose(b, TOLERANCE, 0, 10);
    }

    private void check(int rows, int rowsB, int cols, int gap) {
        Operand a = spread(gap, 1, rows, cols);
        Operand b = spread(gap, 1, rowsB, cols);
        Operand y = output(gap, rows, cols);
        run(t -> t.add(a.on(t), 0.75f, b.on(t), -1.5f, y.on(t)));
        assertClose(y, TOLERANCE, 0);
    }
}
