package dev.sam2j.cpu.training;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.math.ScalarMath;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Tensor;

/** {@code dX += dY f'(x)}, with f' from x for GELU, from f(x) for the others. */
final class ActivationBackward {
    private static final double DENSITY = 1 / Math.sqrt(2 * Math.PI);

    private ActivationBackward() {}

    static void run(Activation function, Tensor tensorSaved, Tensor tensorDY, Tensor tensorDX) {
        Rows saved = rows(tensorSaved);
        Rows dY = rows(tensorDY);
        Rows dX = rows(tensorDX);
        for (int r = 0; r < tensorDY.rows(); r++) {
            for (int c = 0; c < tensorDY.cols(); c++) {
                float slope = derivative(function, saved.data()[saved.at(r) + c]);
                dX.data()[dX.at(r) + c] += dY.data()[dY.at(r) + c] * slope;
            }
        }
    }

    private static float derivative(Activation function, float saved) {
        return switch (function) {
            case NONE -> 1;
            case RELU -> saved > 0 ? 1 : 0;
            case GELU -> {
                double share = saved == 0 ? 0.5 : ScalarMath.gelu(saved) / saved;
                yield (float) (share + saved * DENSITY * Math.exp(-0.5 * saved * saved));
            }
            case SIGMOID -> saved * (1 - saved);
        };
    }
}
