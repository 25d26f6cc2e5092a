package dev.sam2j.tensor.contract;

import dev.sam2j.tensor.Activation;
import org.junit.jupiter.api.Test;

class LayerNormTest extends BackendContract {
    /** Sums of n <= 1152 values of order 1 in float32, partly lane by lane: a few roundings of 6e-8 each. */
    private static final double TOLERANCE = 4e-6;

    @Test
    void oddSizesAndGaps() {
        check(1, 1, 0, Activation.NONE);
        check(7, 3, 0, Activation.NONE);
        check(300, 96, 0, Activation.NONE);
        check(33, 112, 5, Activation.NONE);
        check(19, 1152, 0, Activation.GELU);
        check(50, 61, 2, Activation.RELU);
    }

    @Test
    void widthsOfTheModels() {
        check(131, 4, 0, Activation.GELU);
        check(67, 16, 0, Activation.GELU);
        check(35, 64, 0, Activation.GELU);
        check(21, 192, 0, Activation.NONE);
        check(9, 256, 0, Activation.NONE);
        check(5, 384, 0, Activation.NONE);
        check(3, 768, 0, Activation.NONE);
        check(3, 1152, 0, Activation.NONE);
        check(3, 1536, 0, Activation.NONE);
    }

    @Test
    void fromFloat32() {
        float[] values = new float[77 * 96];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random().nextGaussian() * 3);
        }
        Operand x = values(0, values, values.length); // one dimension is float32 for every backend
        Operand gamma = input(96);
        Operand beta = input(96);
        Operand y = output(0, 77, 96);
        run(b -> b.layerNorm(x.on(b).reshape(77, 96), gamma.on(b), beta.on(b), 1e-6f, Activation.NONE, y.on(b)));
        assertClose(y, TOLERANCE, TOLERANCE);
    }

    @Test
    void inPlace() {
        Operand x = spread(3, 2, 41, 64);
        Operand gamma = input(64);
        Operand beta = input(64);
        run(b -> b.layerNorm(x.on(b), gamma.on(b), beta.on(b), 1e-6f, Activation.NONE, x.on(b)));
        assertClose(x, TOLERANCE, TOLERANCE);
    }

    @Test
    void largeMeanDoesNotCancel() {
        float[] values = new float[256];
        for (int i = 0; i < values.length; i++) {
            values[i] = 1000 + (i % 7) * 0.5f;
        }
        Operand x = values(0, values, 2, 128);
        Operand gamma = input(128);
        Operand beta = input(128);
        Operand y = output(0, 2, 128);
        run(b -> b.layerNorm(x.on(b), gamma.on(b), beta.on(b), 1e-5f, Activation.NONE, y.on(b)));
        // The mean of values near 1000 is only known to 6e-5, of deviations of order 1.
        assertClose(y, 3e-4, 0);
    }

    private void check(int rows, int cols, int gap, Activation activation) {
        Operand x = spread(gap, 3, rows, cols);
        Operand gamma = input(cols);
        Operand beta = input(cols);
        Operand y = output(gap, rows, cols);
        run(b -> b.layerNorm(x.on(b), gamma.on(b), beta.on(b), 1e-6f, activation, y.on(b)));
        assertClose(y, TOLERANCE, TOLERANCE);
    }
}
