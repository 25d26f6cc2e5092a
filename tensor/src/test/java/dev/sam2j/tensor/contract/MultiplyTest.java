package dev.sam2j.tensor.contract;

import org.junit.jupiter.api.Test;

class MultiplyTest extends TrainingContract {
    @Test
    void oddSizesAndGaps() {
        check(1, 1, 1, 0);
        check(3, 7, 5, 0);
        check(13, 263, 33, 3);
        check(97, 265, 31, 0);
        check(129, 50, 70, 5);
    }

    @Test
    void masksOfTheDecoder() {
        check(1, 65536, 32, 0);
        check(4, 65536, 32, 0);
        check(3, 1000, 32, 4);
    }

    @Test
    void composedLayers() {
        check(256, 256, 96, 0);
    }

    private void check(int rows, int length, int columns, int gap) {
        Operand a = spread(gap, 1, rows, length);
        Operand b = spread(gap, 1, length, columns);
        Operand c = spread(gap, 1, rows, columns);
        train((ops, target) -> ops.multiply(a.on(target), b.on(target), c.on(target)));
        assertClose(c, GemmTest.tolerance(length), 1e-6);
    }
}
