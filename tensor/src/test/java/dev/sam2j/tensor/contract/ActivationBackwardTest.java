package dev.sam2j.tensor.contract;

import dev.sam2j.tensor.Activation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ActivationBackwardTest extends TrainingContract {
    /** Of the derivative of GELU, which is of order 1; gradients in the tests are below 5. */
    private static final double TOLERANCE = 4e-7;

    @ParameterizedTest
    @EnumSource
    void oddSizesAndGaps(Activation function) {
        check(function, 1, 1, 0);
        check(function, 37, 19, 0);
        check(function, 21, 33, 5);
        check(function, 500, 64, 0);
        check(function, 3, 40001, 1);
    }

    @ParameterizedTest
    @EnumSource
    void tails(Activation function) {
        float[] values = new float[802];
        for (int i = 0; i < 400; i++) {
            float x = (i - 200) * (i % 2 == 0 ? 0.05f : 1);
            values[i] = function == Activation.SIGMOID ? (float) (1 / (1 + Math.exp(-x))) : x;
            values[i + 400] = function == Activation.RELU ? Math.max(x, 0) : values[i];
        }
        values[800] = 0;
        values[801] = -0f;
        Operand saved = values(0, values, 802);
        Operand dY = input(802);
        Operand dX = input(802);
        train((ops, b) -> ops.activationBackward(function, saved.on(b), dY.on(b), dX.on(b)));
        assertClose(dX, 5 * TOLERANCE, TOLERANCE);
    }

    private void check(Activation function, int rows, int cols, int gap) {
        float[] values = new float[rows * cols];
        for (int i = 0; i < values.length; i++) {
            double x = 2 * random().nextGaussian();
            values[i] = (float) (function == Activation.SIGMOID ? 1 / (1 + Math.exp(-x)) : x);
        }
        Operand saved = values(gap, values, rows, cols);
        Operand dY = spread(gap, 1, rows, cols);
        Operand dX = spread(gap, 1, rows, cols);
        train((ops, b) -> ops.activationBackward(function, saved.on(b), dY.on(b), dX.on(b)));
        assertClose(dX, 5 * TOLERANCE, TOLERANCE);
    }
}
