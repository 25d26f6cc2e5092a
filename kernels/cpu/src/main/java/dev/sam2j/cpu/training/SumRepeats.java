package dev.sam2j.cpu.training;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Tensor;

/** The gradient of rows that were repeated. */
final class SumRepeats {
    private SumRepeats() {}

    static void run(Tensor tensorDY, Tensor tensorDX) {
        Rows dY = rows(tensorDY);
        Rows dX = rows(tensorDX);
        int period = tensorDX.rows();
        for (int r = 0; r < tensorDY.rows(); r++) {
            int from = dY.at(r);
            int to = dX.at(r % period);
            for (int c = 0; c < tensorDX.cols(); c++) {
                dX.data()[to + c] += dY.data()[from + c];
            }
        }
    }
}
