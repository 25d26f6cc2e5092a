package dev.sam2j.cpu.training;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Tensor;

/** {@code dW += dYᵀ x} over all rows. */
final class Outer {
    private Outer() {}

    static void run(Tensor tensorDY, Tensor tensorX, Tensor tensorDW) {
        Rows dY = rows(tensorDY);
        Rows x = rows(tensorX);
        Rows dW = rows(tensorDW);
        int inputs = tensorX.cols();
        for (int o = 0; o < tensorDY.cols(); o++) {
            double[] sums = new double[inputs];
            for (int r = 0; r < tensorDY.rows(); r++) {
                float factor = dY.data()[dY.at(r) + o];
                for (int i = 0; i < inputs; i++) {
                    sums[i] += factor * x.data()[x.at(r) + i];
                }
            }
            for (int i = 0; i < inputs; i++) {
                dW.data()[dW.at(o) + i] += (float) sums[i];
            }
        }
    }
}
