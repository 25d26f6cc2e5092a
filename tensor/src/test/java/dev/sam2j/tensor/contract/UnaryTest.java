package dev.sam2j.tensor.contract;

import dev.sam2j.tensor.Activation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UnaryTest extends BackendContract {
    @ParameterizedTest
    @EnumSource
    void allActivations(Activation activation) {
        check(activation, 1, 1, 0, 1, 0);
        check(activation, 37, 19, 0, 1, 0);
        check(activation, 21, 33, 5, -20, 10);
        check(activation, 500, 64, 0, 2, -0.5f);
    }

    @ParameterizedTest
    @EnumSource
    void inPlace(Activation activation) {
        Operand x = spread(3, 4, 29, 47);
        run(b -> b.unary(x.on(b), 1, 0, activation, x.on(b)));
        assertClose(x, 1e-6, 4e-7);
    }

    @ParameterizedTest
    @EnumSource
    void tails(Activation activation) {
        float[] values = new float[400];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i - 200) * (i % 2 == 0 ? 0.05f : 1f);
        }
        Operand x = values(0, values, 400);
        Operand y = output(0, 400);
        run(b -> b.unary(x.on(b), 1, 0, activation, y.on(b)));
        assertClose(y, 1e-6, 4e-7);
    }

    private void check(Activation activation, int rows, int cols, int gap, float scale, float shift) {
        Operand x = spread(gap, 1, rows, cols);
        Operand y = output(gap, rows, cols);
        run(b -> b.unary(x.on(b), scale, shift, activation, y.on(b)));
        // The argument, below 100, is rounded to 4e-6 at worst; the functions add 5e-7 or 2e-7 of the value.
        assertClose(y, 1e-6 + 1e-7 * Math.abs(scale), 4e-7);
    }
}
