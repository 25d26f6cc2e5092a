package dev.sam2j.tensor.contract;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Epilogue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GemmTest extends BackendContract {
    /**
     * Sums of k products of order 1: float32 leaves about 6e-8 times the size of the partial sums, sqrt(k), per step.
     */
    static double tolerance(int k) {
        return 2e-7 * k + 1e-6;
    }

    /** Most of the sums of k products are below this; some backends round them before the epilogue. */
    static double rounded(int k) {
        return 4 * Math.sqrt(k);
    }

    @ParameterizedTest
    @EnumSource
    void oddSizesWithAllParts(Activation activation) {
        check(1, 1, 1, activation, 0);
        check(13, 33, 17, activation, 0);
        check(60, 31, 96, activation, 5);
        check(7, 100, 301, activation, 2);
    }

    @ParameterizedTest
    @EnumSource
    void residualMayBeTheDestination(Activation activation) {
        Operand x = spread(3, 1, 29, 40);
        Matrix w = matrix(37, 40);
        Operand bias = input(37);
        Operand y = spread(3, 1, 29, 37);
        run(b -> b.gemm(
                x.on(b), w.on(b), Epilogue.bias(bias.on(b)).with(activation).plus(y.on(b)), y.on(b)));
        assertClose(y, tolerance(40), 1e-6, rounded(40));
    }

    /** Many rows, for which a backend may have kernels of its own; more of them on a real device. */
    @ParameterizedTest
    @EnumSource
    void manyRows(Activation activation) {
        boolean device = System.getProperty("dev.sam2j.test.device") != null;
        int rows = device ? 4001 : 1029;
        check(rows, 24, 72, activation, 8);
        check(rows, 24, 72, activation, 1);
        if (device) {
            check(rows, 96, 64, activation, 0);
            check(rows, 200, 144, activation, 8);
            check(4096, 576, 192, activation, 0);
            check(rows, 392, 56, activation, 16);
        }
        Operand x = spread(8, 1, 1, rows, 40);
        Matrix w = matrix(48, 40);
        Operand bias = input(48);
        Operand y = spread(8, 1, 1, rows, 48);
        run(b -> b.gemm(
                x.on(b), w.on(b), Epilogue.bias(bias.on(b)).with(activation).plus(y.on(b)), y.on(b)));
        assertClose(y, tolerance(40), 1e-6, rounded(40));
    }

    private void check(int rows, int out, int in, Activation activation, int gap) {
        Operand x = spread(gap, 1, rows, in);
        Matrix w = matrix(out, in);
        Operand bias = input(out);
        Operand scale = input(out);
        Operand residual = spread(gap, 1, rows, out);
        Operand repeated = spread(gap, 1, 1, out);
        Operand plain = output(gap, rows, out);
        Operand full = output(gap, rows, out);
        Operand broadcast = output(gap, rows, out);
        run(b -> {
            b.gemm(x.on(b), w.on(b), Epilogue.NONE, plain.on(b));
            Epilogue epilogue = Epilogue.bias(bias.on(b)).with(activation).scaled(scale.on(b));
            b.gemm(x.on(b), w.on(b), epilogue.plus(residual.on(b)), full.on(b));
            b.gemm(x.on(b), w.on(b), epilogue.plus(repeated.on(b)), broadcast.on(b));
        });
        // The scale, of order 1 and rarely above 4, multiplies the error.
        assertClose(plain, tolerance(in), 1e-6);
        assertClose(full, 4 * tolerance(in), 1e-6, 4 * rounded(in));
        assertClose(broadcast, 4 * tolerance(in), 1e-6, 4 * rounded(in));
    }
}
