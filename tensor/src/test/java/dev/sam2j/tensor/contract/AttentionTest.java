package dev.sam2j.tensor.contract;

import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.AttentionSpec.Windows;
import org.junit.jupiter.api.Test;

class AttentionTest extends BackendContract {
    /**
     * Scores of |s| < 10 carry an error of about 1e-6, which powers turn into a relative one; values are of order 1.
     */
    private static final double TOLERANCE = 5e-6;
    /** Where weights are rounded, their errors of 2^-9 are multiplied by values of at most 4. */
    private static final double WEIGHTS = 4;

    @Test
    void globalHeadDimensionsOfTheTrunk() {
        for (int d : new int[] {96, 56, 72}) {
            check(1, 2, d, d, 98, 270, false, 0);
        }
    }

    @Test
    void oddSizes() {
        check(1, 1, 1, 1, 1, 1, false, 0);
        check(2, 3, 5, 7, 13, 17, false, 0);
        check(1, 2, 33, 31, 97, 257, false, 0);
        check(3, 1, 17, 3, 101, 31, false, 5);
        check(1, 1, 16, 16, 12, 512, false, 0);
    }

    @Test
    void decoderShapes() {
        check(3, 8, 16, 16, 7, 600, true, 0);
        check(2, 8, 16, 16, 400, 9, false, 3);
        check(2, 8, 32, 32, 20, 20, false, 0);
        check(5, 8, 16, 16, 200, 11, true, 0);
    }

    @Test
    void memoryShapesWithNarrowValues() {
        check(1, 1, 256, 64, 100, 300, false, 0);
        check(2, 1, 256, 256, 50, 300, false, 8);
        check(1, 1, 300, 80, 100, 70, false, 0);
    }

    @Test
    void operandsOfOneWideProjection() {
        int heads = 2;
        int columns = 2 * 24;
        Operand qkv = spread(2 * 77, 1, 2, 77, 3 * columns);
        Operand out = output(4, 2, 77, columns);
        run(b -> b.attention(
                qkv.on(b).columns(0, columns),
                qkv.on(b).columns(columns, 2 * columns),
                qkv.on(b).columns(2 * columns, 3 * columns),
                AttentionSpec.global(heads, columns),
                out.on(b)));
        assertClose(out, TOLERANCE, TOLERANCE, WEIGHTS);
    }

    @Test
    void sharpSoftmaxKeepsTheLargestAlone() {
        // The CPU rounds scaled queries to bfloat16: scores move by a part of their size, and the largest must stay it.
        double deviation = roundoff() > 0 && !inHalves() ? 3 : 30;
        Operand q = spread(0, deviation, 1, 40, 32);
        Operand k = spread(0, deviation, 1, 600, 32);
        Operand v = input(1, 600, 32);
        Operand out = output(0, 1, 40, 32);
        run(b -> b.attention(q.on(b), k.on(b), v.on(b), AttentionSpec.global(1, 32), out.on(b)));
        // Scores reach 1e4, so float32 leaves an absolute error of about 2e-3 in them and in the logarithms of the
        // weights.
        assertClose(out, 1e-2, 0, WEIGHTS);
    }

    @Test
    void windowsThatFit() {
        checkWindows(2, 2, 12, 16, 24, 8, 1, 0);
        checkWindows(1, 3, 96, 8, 8, 4, 1, 0);
        checkWindows(1, 1, 20, 32, 32, 16, 1, 6);
    }

    @Test
    void windowsOverTheBorder() {
        checkWindows(2, 2, 12, 20, 18, 7, 1, 0);
        checkWindows(1, 1, 72, 17, 33, 16, 1, 3);
        checkWindows(1, 1, 8, 32, 32, 14, 1, 0);
        checkWindows(1, 1, 8, 30, 20, 24, 1, 0);
    }

    @Test
    void windowsWithPooledQueries() {
        checkWindows(2, 2, 12, 16, 24, 8, 2, 0);
        checkWindows(1, 4, 24, 16, 16, 4, 2, 2);
        checkWindows(1, 2, 16, 36, 40, 14, 2, 0);
    }

    @Test
    void windowsOfTheTrunk() {
        checkWindows(1, 2, 56, 14, 16, 14, 1, 0);
        checkWindows(1, 2, 72, 16, 12, 8, 1, 8);
        checkWindows(1, 1, 72, 16, 20, 16, 1, 0);
        checkWindows(2, 1, 96, 12, 7, 7, 1, 0);
        checkWindows(1, 1, 96, 16, 14, 14, 1, 8);
        checkWindows(1, 1, 96, 14, 16, 14, 2, 0);
    }

    private void check(int batch, int heads, int dk, int dv, int queries, int keys, boolean shared, int gap) {
        Operand q = spread(gap, 1, batch, queries, heads * dk);
        Operand k = spread(gap, 1, shared ? 1 : batch, keys, heads * dk);
        Operand v = spread(gap, 1, shared ? 1 : batch, keys, heads * dv);
        Operand out = output(gap, batch, queries, heads * dv);
        AttentionSpec spec = AttentionSpec.global(heads, heads * dk);
        run(b -> b.attention(q.on(b), k.on(b), v.on(b), spec, out.on(b)));
        assertClose(out, TOLERANCE, TOLERANCE, WEIGHTS);
    }

    private void checkWindows(int batch, int heads, int d, int height, int width, int size, int queryStride, int gap) {
        int columns = heads * d;
        Operand q = spread(gap, 1, batch, height / queryStride * (width / queryStride), columns);
        Operand k = spread(gap, 1, batch, height * width, columns);
        Operand v = spread(gap, 1, batch, height * width, columns);
        Operand padKey = input(columns);
        Operand padValue = input(columns);
        Operand out = output(gap, batch, height / queryStride * (width / queryStride), columns);
        run(b -> {
            Windows windows = new Windows(height, width, size, queryStride, padKey.on(b), padValue.on(b));
            b.attention(q.on(b), k.on(b), v.on(b), AttentionSpec.windowed(heads, columns, windows), out.on(b));
        });
        assertClose(out, TOLERANCE, TOLERANCE, WEIGHTS);
    }
}
