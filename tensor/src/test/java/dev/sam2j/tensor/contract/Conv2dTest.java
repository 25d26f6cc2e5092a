package dev.sam2j.tensor.contract;

import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.Epilogue;
import org.junit.jupiter.api.Test;

class Conv2dTest extends BackendContract {
    @Test
    void geometries() {
        check(1, 32, 24, 3, 20, new Conv2dSpec(7, 4, 3), 0);
        check(2, 9, 7, 5, 33, new Conv2dSpec(3, 1, 1), 3);
        check(1, 16, 16, 4, 16, new Conv2dSpec(3, 2, 1), 0);
        check(2, 9, 10, 16, 8, new Conv2dSpec(3, 2, 1), 0);
        check(1, 5, 6, 24, 5, new Conv2dSpec(2, 1, 0), 0);
        check(1, 8, 8, 16, 8, new Conv2dSpec(3, 2, 1), 3);
        check(1, 8, 12, 1, 4, new Conv2dSpec(2, 2, 0), 0);
        check(2, 5, 6, 19, 7, new Conv2dSpec(1, 1, 0), 2);
    }

    @Test
    void fewChannels() {
        check(2, 10, 13, 1, 4, new Conv2dSpec(3, 2, 1));
        check(2, 9, 10, 4, 16, new Conv2dSpec(3, 2, 1));
        check(1, 6, 5, 4, 8, new Conv2dSpec(3, 1, 1));
    }

    private void check(int batch, int height, int width, int in, int out, Conv2dSpec spec) {
        int depth = spec.kernel() * spec.kernel() * in;
        Operand x = input(batch, height, width, in);
        Matrix w = matrix(out, depth);
        Operand bias = input(out);
        Operand y = output(0, batch, spec.outputSize(height), spec.outputSize(width), out);
        run(b -> b.conv2d(x.on(b), w.on(b), spec, Epilogue.bias(bias.on(b)), y.on(b)));
        assertClose(y, GemmTest.tolerance(depth), 1e-6, GemmTest.rounded(depth));
    }

    private void check(int batch, int height, int width, int in, int out, Conv2dSpec spec, int gap) {
        int depth = spec.kernel() * spec.kernel() * in;
        Operand x = spread(gap, 1, batch, height, width, in);
        Matrix w = matrix(out, depth);
        Operand bias = input(out);
        int outHeight = spec.outputSize(height);
        int outWidth = spec.outputSize(width);
        Operand position = input(1, outHeight, outWidth, out);
        Operand y = output(gap, batch, outHeight, outWidth, out);
        run(b -> b.conv2d(x.on(b), w.on(b), spec, Epilogue.bias(bias.on(b)).plus(position.on(b)), y.on(b)));
        assertClose(y, GemmTest.tolerance(depth), 1e-6, GemmTest.rounded(depth));
    }
}
