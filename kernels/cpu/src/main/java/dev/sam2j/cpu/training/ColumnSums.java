package dev.sam2j.cpu.training;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Tensor;

/** The gradient of a bias: {@code dBias += } sums of each column. */
final class ColumnSums {
    private ColumnSums() {}

    static void run(Tensor tensorDY, Tensor tensorDBias) {
        Rows dY = rows(tensorDY);
        Rows dBias = rows(tensorDBias);
        double[] sums = new double[tensorDY.cols()];
        for (int r = 0; r < tensorDY.rows(); r++) {
            for (int c = 0; c < sums.length; c++) {
                sums[c] += dY.data()[dY.at(r) + c];
            }
        }
        for (int c = 0; c < sums.length; c++) {
            dBias.data()[dBias.offset() + c] += (float) sums[c];
        }
    }
}
