package dev.sam2j.tensor.contract;

import org.junit.jupiter.api.Test;

class MaxPool2dTest extends BackendContract {
    @Test
    void oddSizesAndGaps() {
        check(1, 2, 2, 1, 0);
        check(2, 6, 10, 33, 0);
        check(1, 32, 16, 96, 7);
        check(3, 4, 2, 16, 1);
    }

    private void check(int batch, int height, int width, int channels, int gap) {
        Operand x = spread(gap, 1, batch, height, width, channels);
        Operand y = output(gap, batch, height / 2, width / 2, channels);
        run(b -> b.maxPool2d(x.on(b), y.on(b)));
        // Nothing is computed, only chosen.
        assertClose(y, 0, 0);
    }
}
