package dev.sam2j.tensor.contract;

import dev.sam2j.tensor.Interpolation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InterpolateTest extends BackendContract {
    /** Weights are rounded to float32 and up to 4 products of order 1 summed, along two axes. */
    private static final double TOLERANCE = 2e-6;

    @ParameterizedTest
    @EnumSource
    void enlargeAndShrink(Interpolation filter) {
        check(filter, 2, 5, 7, 3, 13, 9, 0);
        check(filter, 1, 16, 16, 1, 64, 64, 0);
        check(filter, 1, 31, 20, 2, 7, 33, 3);
        check(filter, 1, 8, 8, 40, 16, 16, 0);
        check(filter, 1, 7, 7, 18, 29, 5, 2);
        check(filter, 1, 1, 1, 5, 3, 4, 0);
        check(filter, 2, 40, 30, 17, 1, 1, 1);
        check(filter, 1, 12, 9, 16, 12, 9, 0);
    }

    private void check(
            Interpolation filter,
            int batch,
            int height,
            int width,
            int channels,
            int outHeight,
            int outWidth,
            int gap) {
        Operand x = spread(gap, 1, batch, height, width, channels);
        Operand y = output(gap, batch, outHeight, outWidth, channels);
        run(b -> b.interpolate(x.on(b), filter, y.on(b)));
        assertClose(y, filter == Interpolation.NEAREST ? 0 : TOLERANCE, 0);
    }
}
