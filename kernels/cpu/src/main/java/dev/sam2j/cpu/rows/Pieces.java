package dev.sam2j.cpu.rows;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Tensor;

/** How operations on corresponding elements are cut: rows without gaps are worked on in long pieces. */
public final class Pieces {
    private static final int GRAIN = 1 << 14;

    private Pieces() {}

    /** The work on {@code n} adjacent elements of an input, a repeated input and an output. */
    public interface Body {
        /** Does the work; each array is followed by the index of the first value. */
        void run(float[] x, int atX, float[] repeated, int atRepeated, float[] out, int atOut, int n);
    }

    /** Runs {@code body} on all elements of x and out, which have the same shape; the rows of the other repeat. */
    public static void run(Tensor tensorX, Tensor tensorRepeated, Tensor tensorOut, Parallel parallel, Body body) {
        Rows x = rows(tensorX);
        Rows repeated = rows(tensorRepeated);
        Rows out = rows(tensorOut);
        int period = tensorRepeated.rows();
        int rows = tensorOut.rows();
        int n = tensorOut.cols();
        if (x.stride() == n && repeated.stride() == n && out.stride() == n) {
            parallel.forRange(rows * n, GRAIN, (from, to, scratch) -> {
                for (int i = from; i < to; ) {
                    int phase = i % (period * n);
                    int length = Math.min(to - i, period * n - phase);
                    int atRepeated = repeated.offset() + phase;
                    body.run(
                            x.data(),
                            x.offset() + i,
                            repeated.data(),
                            atRepeated,
                            out.data(),
                            out.offset() + i,
                            length);
                    i += length;
                }
            });
            return;
        }
        parallel.forRange(rows, Math.max(1, GRAIN / n), (from, to, scratch) -> {
            for (int r = from; r < to; r++) {
                body.run(x.data(), x.at(r), repeated.data(), repeated.at(r % period), out.data(), out.at(r), n);
            }
        });
    }
}
