package dev.sam2j.cpu.training;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Tensor;

/** {@code c += a b}. */
final class Multiply {
    private Multiply() {}

    static void run(Tensor tensorA, Tensor tensorB, Tensor tensorC) {
        Rows a = rows(tensorA);
        Rows b = rows(tensorB);
        Rows c = rows(tensorC);
        int columns = tensorB.cols();
        for (int m = 0; m < tensorA.rows(); m++) {
            double[] sums = new double[columns];
            for (int n = 0; n < tensorA.cols(); n++) {
                float factor = a.data()[a.at(m) + n];
                for (int k = 0; k < columns; k++) {
                    sums[k] += factor * b.data()[b.at(n) + k];
                }
            }
            for (int k = 0; k < columns; k++) {
                c.data()[c.at(m) + k] += (float) sums[k];
            }
        }
    }
}
