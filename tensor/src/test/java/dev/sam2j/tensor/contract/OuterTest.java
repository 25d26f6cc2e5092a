package dev.sam2j.tensor.contract;

import org.junit.jupiter.api.Test;

class OuterTest extends TrainingContract {
    @Test
    void oddSizesAndGaps() {
        check(1, 1, 1, 0);
        check(7, 3, 5, 0);
        check(263, 13, 33, 3);
        check(265, 97, 31, 0);
        check(50, 129, 70, 5);
    }

    @Test
    void manyRows() {
        check(9001, 17, 40, 0);
    }

    @Test
    void manyOutputs() {
        check(3, 5000, 32, 0);
        check(1, 40000, 7, 0);
    }

    @Test
    void layersOfTheDecoder() {
        check(4096, 128, 256, 0);
        check(144, 2048, 256, 0);
        check(144, 256, 2048, 0);
        check(2048, 64, 256, 0);
    }

    private void check(int rows, int outputs, int inputs, int gap) {
        Operand dY = spread(gap, 1, rows, outputs);
        Operand x = spread(gap, 1, rows, inputs);
        Operand dW = spread(gap, 1, outputs, inputs);
        train((ops, b) -> ops.outer(dY.on(b), x.on(b), dW.on(b)));
        assertClose(dW, GemmTest.tolerance(rows), 1e-6);
    }
}
