package dev.sam2j.cpu.rows;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Tensor;

/** Rotation of adjacent pairs of columns. */
public final class Rotary {
    private static final int GRAIN = 1 << 13;

    private Rotary() {}

    /**
     * {@code (a, b) -> (a cos - b sin, a sin + b cos)} for x (B, N, C); row i of an entry takes {@code cos, sin} from
     * row {@code i mod table.rows()} of the table.
     */
    public static void run(Tensor x, Tensor table, Tensor out, Parallel parallel) {
        Rows from = rows(x);
        Rows angles = rows(table);
        Rows to = rows(out);
        int tokens = x.dim(1);
        int period = table.rows();
        int n = x.cols();
        parallel.forRange(x.rows(), Math.max(1, GRAIN / n), (first, end, scratch) -> {
            for (int r = first; r < end; r++) {
                int angle = angles.at(r % tokens % period);
                row(from.data(), from.at(r), angles.data(), angle, to.data(), to.at(r), n);
            }
        });
    }

    private static void row(float[] x, int atX, float[] table, int atTable, float[] out, int atOut, int n) {
        for (int c = 0; c < n; c += 2) {
            float a = x[atX + c];
            float b = x[atX + c + 1];
            float cos = table[atTable + c];
            float sin = table[atTable + c + 1];
            out[atOut + c] = a * cos - b * sin;
            out[atOut + c + 1] = a * sin + b * cos;
        }
    }
}
