package dev.sam2j.tensor.contract;

import org.junit.jupiter.api.Test;

class FillTest extends TrainingContract {
    @Test
    void oddSizesAndGaps() {
        check(0, 1, 1);
        check(0, 7, 40001);
        check(3, 21, 33);
    }

    private void check(int gap, int rows, int cols) {
        Operand x = output(gap, rows, cols);
        train((ops, b) -> ops.fill(x.on(b), -0.75f));
        assertClose(x, 0, 0);
    }
}
