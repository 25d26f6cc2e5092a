package dev.sam2j.tensor.contract;

import dev.sam2j.tensor.Conv2dSpec;
import org.junit.jupiter.api.Test;

class DepthwiseConv2dTest extends BackendContract {
    @Test
    void kernelsStridesAndPaddings() {
        check(2, 9, 11, 35, new Conv2dSpec(7, 1, 3), 0);
        check(1, 16, 5, 256, new Conv2dSpec(7, 1, 3), 4);
        check(2, 11, 18, 16, new Conv2dSpec(7, 1, 3), 0);
        check(1, 2, 3, 19, new Conv2dSpec(7, 1, 3), 0);
        check(1, 8, 8, 16, new Conv2dSpec(3, 2, 1), 0);
        check(2, 6, 7, 5, new Conv2dSpec(1, 1, 0), 3);
    }

    private void check(int batch, int height, int width, int channels, Conv2dSpec spec, int gap) {
        Operand x = spread(gap, 1, batch, height, width, channels);
        Operand weight = input(spec.kernel(), spec.kernel(), channels);
        Operand bias = input(channels);
        Operand y = output(gap, batch, spec.outputSize(height), spec.outputSize(width), channels);
        run(b -> b.depthwiseConv2d(x.on(b), weight.on(b), bias.on(b), spec, y.on(b)));
        // Up to 49 terms of order 1, each rounded in a sum of order 7.
        assertClose(y, 1e-5, 1e-6);
    }
}
