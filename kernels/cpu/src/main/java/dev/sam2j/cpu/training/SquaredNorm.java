package dev.sam2j.cpu.training;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Tensor;

/** The sum of squares, in float64: squares of large and of small gradients are no float32 values. */
final class SquaredNorm {
    /** Values in a block. */
    private static final int BLOCK = 1 << 14;

    private SquaredNorm() {}

    static double run(Tensor tensor, Parallel parallel) {
        Rows x = rows(tensor);
        int rows = tensor.isContiguous() ? 1 : tensor.rows();
        int n = tensor.isContiguous() ? tensor.rows() * tensor.cols() : tensor.cols();
        int blocks = (n + BLOCK - 1) / BLOCK;
        double[] sums = new double[rows * blocks];
        parallel.forRange(rows * blocks, Math.max(1, BLOCK / n), (from, to, scratch) -> {
            for (int i = from; i < to; i++) {
                int column = i % blocks * BLOCK;
                sums[i] = sum(x.data(), x.at(i / blocks) + column, Math.min(BLOCK, n - column));
            }
        });
        double sum = 0;
        for (double block : sums) {
            sum += block;
        }
        return sum;
    }

    /** Four sums at a time: an addition waits for the one before. */
    private static double sum(float[] x, int at, int n) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = at;
        for (; i < at + n - 3; i += 4) {
            a += (double) x[i] * x[i];
            b += (double) x[i + 1] * x[i + 1];
            c += (double) x[i + 2] * x[i + 2];
            d += (double) x[i + 3] * x[i + 3];
        }
        for (; i < at + n; i++) {
            a += (double) x[i] * x[i];
        }
        return (a + b) + (c + d);
    }
}
