package dev.sam2j.tensor.contract;

import dev.sam2j.tensor.training.AdamStep;
import org.junit.jupiter.api.Test;

class AdamWTest extends TrainingContract {
    /** Five roundings of 6e-8, and as much for the constants. */
    private static final double TOLERANCE = 6e-7;

    private static final AdamStep STEP = new AdamStep(1e-2, 0.9, 0.999, 1e-8, 0.1, 3, 0.5);

    @Test
    void oddSizesAndGaps() {
        check(1, 1, 0, STEP, 1);
        check(13, 47, 3, STEP, 1);
        check(1, 40001, 0, STEP, 1);
        check(300, 256, 0, STEP, 1);
        check(300, 61, 1, STEP, 1);
    }

    @Test
    void firstAndLateSteps() {
        check(7, 33, 0, new AdamStep(1e-4, 0.9, 0.999, 1e-8, 0.1, 1, 1), 1);
        check(7, 33, 0, new AdamStep(1e-4, 0.9, 0.999, 1e-8, 0, 1_000_000, 1), 1);
        check(7, 33, 0, new AdamStep(1e-4, 0.9, 0.999, 1e-8, 0.1, Long.MAX_VALUE, 1), 1);
    }

    /** A rate times a decay of 1e-7 is more than nothing. */
    @Test
    void weightsDecayWithoutGradient() {
        for (double rate : new double[] {1e-1, 1e-4, 1e-6}) {
            Operand weight = spread(0, 1, 9, 37);
            Operand[] zeros = new Operand[3];
            for (int i = 0; i < zeros.length; i++) {
                zeros[i] = values(0, new float[9 * 37], 9, 37);
            }
            AdamStep step = new AdamStep(rate, 0.9, 0.999, 1e-8, 0.1, 5000, 1);
            train((ops, b) -> ops.adamW(weight.on(b), zeros[0].on(b), zeros[1].on(b), zeros[2].on(b), step));
            assertClose(weight, 0, 1.2e-7);
            assertClose(zeros[1], 0, 0);
            assertClose(zeros[2], 0, 0);
        }
    }

    @Test
    void smallAndLargeGradients() {
        for (double size : new double[] {1e-30, 1e-20, 1e-12, 1e-6, 1e6, 1e12}) {
            check(5, 39, 0, STEP, size);
        }
    }

    /** Weights of order 1, gradients, means and roots of mean squares of order {@code size}. */
    private void check(int rows, int cols, int gap, AdamStep step, double size) {
        Operand weight = spread(gap, 1, rows, cols);
        Operand gradient = spread(gap, size, rows, cols);
        Operand mean = spread(gap, size, rows, cols);
        float[] squares = new float[rows * cols];
        for (int i = 0; i < squares.length; i++) {
            squares[i] = (float) Math.pow(size * (0.3 + random().nextDouble()), 2);
        }
        Operand square = values(gap, squares, rows, cols);
        train((ops, b) -> ops.adamW(weight.on(b), gradient.on(b), mean.on(b), square.on(b), step));
        // Steps are at most 20 rates. What float32 cannot hold is lost: squares below 1e-37.
        assertClose(weight, 20 * TOLERANCE * step.rate(), 1.2e-7);
        assertClose(mean, TOLERANCE * size, TOLERANCE);
        assertClose(square, 1e-37, TOLERANCE);
    }
}
