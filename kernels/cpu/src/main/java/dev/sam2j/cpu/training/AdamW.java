package dev.sam2j.cpu.training;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.training.AdamStep;
import java.util.stream.Stream;

/** A step of AdamW. */
final class AdamW {
    private static final int GRAIN = 1 << 14;

    private AdamW() {}

    static void run(
            Tensor weight,
            Tensor gradient,
            Tensor mean,
            Tensor square,
            AdamStep step,
            ElementLoops loops,
            Parallel parallel) {
        Rows w = rows(weight);
        Rows g = rows(gradient);
        Rows m = rows(mean);
        Rows v = rows(square);
        AdamFactors factors = AdamFactors.of(step);
        int n = weight.cols();
        if (Stream.of(weight, gradient, mean, square).allMatch(Tensor::isContiguous)) {
            parallel.forRange(
                    weight.rows() * n,
                    GRAIN,
                    (from, to, scratch) -> loops.adamW(
                            factors,
                            w.data(),
                            w.offset() + from,
                            g.data(),
                            g.offset() + from,
                            m.data(),
                            m.offset() + from,
                            v.data(),
                            v.offset() + from,
                            to - from));
            return;
        }
        parallel.forRange(weight.rows(), Math.max(1, GRAIN / n), (from, to, scratch) -> {
            for (int r = from; r < to; r++) {
                loops.adamW(factors, w.data(), w.at(r), g.data(), g.at(r), m.data(), m.at(r), v.data(), v.at(r), n);
            }
        });
    }
}
