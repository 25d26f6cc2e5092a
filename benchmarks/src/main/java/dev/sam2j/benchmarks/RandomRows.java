package dev.sam2j.benchmarks;

import dev.sam2j.cpu.runtime.Rows;
import java.util.Random;

/** Operands of kernels. */
final class RandomRows {
    private RandomRows() {}

    /** Rows without gaps of normally distributed values times {@code deviation}. */
    static Rows of(Random random, int rows, int columns, double deviation) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return new Rows(values, 0, columns);
    }
}
