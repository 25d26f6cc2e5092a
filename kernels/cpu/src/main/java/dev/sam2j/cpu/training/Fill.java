package dev.sam2j.cpu.training;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Tensor;
import java.util.Arrays;

/** Sets every element of a tensor. */
final class Fill {
    private Fill() {}

    static void run(Tensor x, float value) {
        Rows to = rows(x);
        for (int r = 0; r < x.rows(); r++) {
            Arrays.fill(to.data(), to.at(r), to.at(r) + x.cols(), value);
        }
    }
}
