package dev.sam2j.tensor.contract;

import org.junit.jupiter.api.Test;

class RotaryTest extends BackendContract {
    /** Two products of order 1 and their sum in float32. */
    private static final double TOLERANCE = 1e-6;

    @Test
    void repeatsTheTable() {
        check(1, 1, 1, 2, 0);
        check(2, 12, 4, 6, 0);
        check(1, 64, 64, 256, 0);
        check(3, 10, 5, 34, 3);
    }

    @Test
    void inPlace() {
        Operand x = spread(2, 1, 2, 9, 32);
        Operand table = input(9, 32);
        run(b -> b.rotary(x.on(b), table.on(b), x.on(b)));
        assertClose(x, TOLERANCE, TOLERANCE);
    }

    private void check(int batch, int tokens, int period, int cols, int gap) {
        Operand x = spread(gap, 1, batch, tokens, cols);
        Operand table = spread(gap, 1, period, cols);
        Operand y = output(gap, batch, tokens, cols);
        run(b -> b.rotary(x.on(b), table.on(b), y.on(b)));
        assertClose(y, TOLERANCE, TOLERANCE);
    }
}
