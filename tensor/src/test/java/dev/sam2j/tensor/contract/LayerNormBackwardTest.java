package dev.sam2j.tensor.contract;

import org.junit.jupiter.api.Test;

class LayerNormBackwardTest extends TrainingContract {
    /** A few roundings of 6e-8 of values of order 1 to 10. */
    private static final double TOLERANCE = 4e-6;

    private static final float EPS = 1e-6f;

    @Test
    void oddSizesAndGaps() {
        check(1, 2, 0);
        check(7, 3, 0);
        check(33, 112, 5);
        check(50, 61, 2);
        check(1025, 35, 0);
    }

    @Test
    void widthsOfTheDecoder() {
        check(4099, 4, 0);
        check(2051, 16, 0);
        check(2049, 64, 0);
        check(3001, 256, 0);
    }

    @Test
    void withoutGradientOfTheParameters() {
        Operand x = spread(3, 3, 41, 24);
        Operand gamma = input(24);
        Operand dY = spread(3, 1, 41, 24);
        Operand dX = spread(3, 1, 41, 24);
        train((ops, b) -> ops.layerNormBackward(x.on(b), gamma.on(b), EPS, dY.on(b), dX.on(b), null, null));
        assertClose(dX, TOLERANCE, TOLERANCE);
    }

    @Test
    void withoutGradientOfTheInput() {
        Operand x = spread(3, 3, 41, 24);
        Operand gamma = input(24);
        Operand dY = spread(3, 1, 41, 24);
        Operand dGamma = input(24);
        Operand dBeta = input(24);
        train((ops, b) -> ops.layerNormBackward(x.on(b), gamma.on(b), EPS, dY.on(b), null, dGamma.on(b), dBeta.on(b)));
        assertClose(dGamma, TOLERANCE * Math.sqrt(41), TOLERANCE);
        assertClose(dBeta, TOLERANCE * Math.sqrt(41), TOLERANCE);
    }

    private void check(int rows, int cols, int gap) {
        Operand x = spread(gap, 3, rows, cols);
        Operand gamma = input(cols);
        Operand dY = spread(gap, 1, rows, cols);
        Operand dX = spread(gap, 1, rows, cols);
        Operand dGamma = input(cols);
        Operand dBeta = input(cols);
        train((ops, b) ->
                ops.layerNormBackward(x.on(b), gamma.on(b), EPS, dY.on(b), dX.on(b), dGamma.on(b), dBeta.on(b)));
        assertClose(dX, TOLERANCE, TOLERANCE);
        assertClose(dGamma, TOLERANCE * Math.sqrt(rows), TOLERANCE);
        assertClose(dBeta, TOLERANCE * Math.sqrt(rows), TOLERANCE);
    }
}
