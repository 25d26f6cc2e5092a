package dev.sam2j.benchmarks;

import dev.sam2j.cpu.runtime.CpuStorage;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import java.util.Random;

/** Operands of kernels. */
final class RandomTensor {
    private RandomTensor() {}

    /** Normally distributed values times {@code deviation}. */
    static Tensor of(Random random, double deviation, int... dims) {
        Shape shape = Shape.of(dims);
        Tensor tensor = Tensor.of(new CpuStorage((int) shape.elements()), 0, shape);
        float[] values = CpuStorage.rows(tensor).data();
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return tensor;
    }
}
