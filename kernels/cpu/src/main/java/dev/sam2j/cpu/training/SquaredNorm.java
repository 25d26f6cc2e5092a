package dev.sam2j.cpu.training;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Tensor;

/** The sum of squares. */
final class SquaredNorm {
    private SquaredNorm() {}

    static double run(Tensor tensor) {
        Rows x = rows(tensor);
        double sum = 0;
        for (int r = 0; r < tensor.rows(); r++) {
            for (int c = 0; c < tensor.cols(); c++) {
                double value = x.data()[x.at(r) + c];
                sum += value * value;
            }
        }
        return sum;
    }
}
