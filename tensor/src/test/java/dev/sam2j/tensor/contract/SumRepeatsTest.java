package dev.sam2j.tensor.contract;

import org.junit.jupiter.api.Test;

/** Sums over repeats of rows, and over all rows. */
class SumRepeatsTest extends TrainingContract {
    @Test
    void repeatedRows() {
        check(1, 1, 1, 0);
        check(3, 7, 5, 0);
        check(2, 300, 61, 3);
        check(4, 1000, 37, 0);
        check(131, 11, 33, 0);
        check(300, 5, 70, 1);
        check(65, 64, 256, 0);
    }

    @Test
    void repeatedImages() {
        Operand dY = spread(0, 1, 3, 5, 7, 24);
        Operand dX = spread(0, 1, 1, 5, 7, 24);
        train((ops, b) -> ops.sumRepeats(dY.on(b), dX.on(b)));
        assertClose(dX, tolerance(3), 1e-6);
    }

    @Test
    void columns() {
        checkColumns(1, 1, 0);
        checkColumns(7, 33, 0);
        checkColumns(129, 61, 3);
        checkColumns(4099, 256, 0);
        checkColumns(517, 5001, 0);
        checkColumns(9000, 4, 0);
        checkColumns(9000, 3, 2);
    }

    /** What float32 would lose: a sum of many values that are small beside it. */
    @Test
    void longSums() {
        float[] values = new float[1 << 18];
        for (int i = 0; i < values.length; i++) {
            values[i] = 1 + 0.25f * random().nextFloat();
        }
        Operand dY = values(0, values, values.length, 1);
        Operand dBias = input(1);
        train((ops, b) -> ops.columnSums(dY.on(b), dBias.on(b)));
        assertClose(dBias, 0, 4e-7);
    }

    private void check(int repeats, int rows, int cols, int gap) {
        Operand dY = spread(gap, 1, repeats * rows, cols);
        Operand dX = spread(gap, 1, rows, cols);
        train((ops, b) -> ops.sumRepeats(dY.on(b), dX.on(b)));
        assertClose(dX, tolerance(repeats), 1e-6);
    }

    private void checkColumns(int rows, int cols, int gap) {
        Operand dY = spread(gap, 1, rows, cols);
        Operand dBias = input(cols);
        train((ops, b) -> ops.columnSums(dY.on(b), dBias.on(b)));
        assertClose(dBias, tolerance(rows), 1e-6);
    }

    /** Each addition rounds a sum of the size of the root of its terms. */
    private static double tolerance(int terms) {
        return 1e-6 * Math.sqrt(terms);
    }
}
