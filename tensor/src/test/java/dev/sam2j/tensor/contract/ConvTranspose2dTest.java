package dev.sam2j.tensor.contract;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Epilogue;
import org.junit.jupiter.api.Test;

class ConvTranspose2dTest extends BackendContract {
    @Test
    void oddSizesAndGaps() {
        check(1, 1, 1, 1, 1, Activation.NONE, 0);
        check(2, 5, 3, 40, 17, Activation.NONE, 0);
        check(1, 8, 9, 64, 32, Activation.GELU, 4);
        check(3, 4, 4, 7, 8, Activation.RELU, 1);
    }

    private void check(int batch, int height, int width, int in, int out, Activation activation, int gap) {
        Operand x = spread(gap, 1, batch, height, width, in);
        Matrix w = matrix(4 * out, in);
        Operand bias = input(out);
        Operand scale = input(out);
        Operand residual = spread(gap, 1, batch, 2 * height, 2 * width, out);
        Operand y = output(gap, batch, 2 * height, 2 * width, out);
        run(b -> b.convTranspose2d(
                x.on(b),
                w.on(b),
                Epilogue.bias(bias.on(b)).with(activation).scaled(scale.on(b)).plus(residual.on(b)),
                y.on(b)));
        assertClose(y, 4 * GemmTest.tolerance(in), 1e-6, 4 * GemmTest.rounded(in));
    }
}
