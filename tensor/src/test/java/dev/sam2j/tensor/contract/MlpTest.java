package dev.sam2j.tensor.contract;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.fused.Mlp;
import dev.sam2j.tensor.fused.Projection;
import org.junit.jupiter.api.Test;

class MlpTest extends BackendContract {
    @Test
    void residualMayBeTheDestination() {
        check(1, 3, 5, 2, Activation.RELU, 0);
        check(150, 32, 128, 32, Activation.GELU, 0);
        check(37, 20, 77, 33, Activation.GELU, 3);
        check(9, 64, 300, 16, Activation.SIGMOID, 0);
    }

    private void check(int rows, int in, int hidden, int out, Activation activation, int gap) {
        Operand x = spread(gap, 1, rows, in);
        Matrix w1 = matrix(hidden, in);
        Operand bias1 = input(hidden);
        Matrix w2 = matrix(out, hidden);
        Operand bias2 = input(out);
        Operand y = spread(gap, 1, rows, out);
        run(b -> {
            Epilogue epilogue = Epilogue.bias(bias2.on(b)).plus(y.on(b));
            Projection first = new Projection(w1.on(b), bias1.on(b));
            fused(b, new Mlp(x.on(b), first, activation, w2.on(b), epilogue, y.on(b)));
        });
        // Errors of the hidden layer, of order sqrt(in), add up over the second sum.
        double absolute = GemmTest.tolerance(in) * Math.sqrt(hidden) + Math.sqrt(in) * GemmTest.tolerance(hidden);
        assertClose(y, absolute, 1e-6, 2 * GemmTest.rounded(in) * Math.sqrt(hidden));
    }
}
