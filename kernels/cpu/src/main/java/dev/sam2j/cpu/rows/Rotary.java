package dev.sam2j.cpu.rows;

import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;

/** Rotation of adjacent pairs of columns. */
public final class Rotary {
    private static final int GRAIN = 1 << 13;

    private Rotary() {}

    /**
     * {@code (a, b) -> (a cos - b sin, a sin + b cos)} for {@code entries} times {@code tokens} rows of {@code n}
     * columns; row i of an entry takes {@code cos, sin} from row {@code i mod period} of the table.
     */
    public static void run(
            Rows x, Rows table, int period, Rows out, int entries, int tokens, int n, Parallel parallel) {
        parallel.forRange(entries * tokens, Math.max(1, GRAIN / n), (from, to, scratch) -> {
            for (int r = from; r < to; r++) {
                row(x.data(), x.at(r), table.data(), table.at(r % tokens % period), out.data(), out.at(r), n);
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
