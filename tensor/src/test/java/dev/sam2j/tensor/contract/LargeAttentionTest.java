package dev.sam2j.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Backend;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Attention at the sizes of the models, where a device chooses kernels and splits of its own. Some query rows are
 * compared with float64; the others must be weighted means of values too. Only real devices get the full sizes, and an
 * interpreted one a single head.
 */
class LargeAttentionTest extends BackendContract {
    /** As in {@link AttentionTest}; sums over many keys average the errors of single weights. */
    private static final double TOLERANCE = 5e-6;

    private static final double WEIGHTS = 4;
    /** Normally distributed values stay below this, and so do their means. */
    private static final float LARGEST = 8;

    private static final int SAMPLES = 24;

    @Test
    void memoryCrossAttention() {
        check(1, 1, 256, 64, 4096, 28736, 0);
        check(2, 1, 256, 64, 4001, 28700, 8);
        check(1, 1, 256, 64, 4096, 4132, 0);
    }

    @Test
    void memorySelfAttention() {
        check(1, 1, 256, 256, 4096, 4096, 0);
        check(3, 1, 256, 256, 4001, 4033, 8);
    }

    @Test
    void imageEncoder() {
        check(1, 4, 96, 96, 4096, 4096, 0);
        check(2, 4, 96, 96, 4001, 4033, 8);
        check(1, 8, 72, 72, 4096, 4096, 0);
        check(2, 2, 72, 72, 4001, 4033, 8);
        check(1, 8, 56, 56, 4096, 4096, 0);
        check(2, 2, 56, 56, 4001, 4033, 8);
    }

    @Test
    void tokensToImage() {
        check(1, 8, 16, 16, 8, 4096, 0);
        check(17, 8, 16, 16, 9, 4096, 0);
    }

    @Test
    void imageEncoderInWindows() {
        checkWindows(1, 8, 72, 64, 16, 0);
        checkWindows(2, 2, 72, 256, 8, 0);
        checkWindows(1, 16, 72, 32, 8, 8);
        checkWindows(1, 4, 96, 64, 14, 0);
        checkWindows(3, 8, 96, 32, 7, 8);
        checkWindows(1, 8, 56, 64, 14, 8);
    }

    /** Interpreted kernels are slow, and do the same for each head. */
    private int heads(int all) {
        return backendName.startsWith("cuda") ? all : Math.min(all, backendName.startsWith("fake") ? 1 : 2);
    }

    private void check(int batch, int allHeads, int dk, int dv, int largeQueries, int largeKeys, int gap) {
        boolean device = backendName.startsWith("cuda");
        int heads = heads(allHeads);
        int queries = device || largeQueries < 64 ? largeQueries : largeQueries / (gap == 0 ? 50 : 30);
        int keys = device ? largeKeys : largeKeys % 1000 / 3 + 133;
        Operand q = spread(gap, 1, batch, queries, heads * dk);
        Operand k = spread(gap, 1, batch, keys, heads * dk);
        Operand v = spread(gap, 1, batch, keys, heads * dv);
        Operand out = output(gap, batch, queries, heads * dv);
        Backend backend = backend();
        AttentionSpec spec = AttentionSpec.global(heads, heads * dk);
        backend.attention(q.on(backend), k.on(backend), v.on(backend), spec, out.on(backend));
        backend.synchronize();
        float[] actual = contents(backend, out.on(backend));
        float[] left = contents(reference(), q.on(reference()));
        float[] right = contents(reference(), k.on(reference()));
        float[] values = contents(reference(), v.on(reference()));
        compare(
                actual,
                batch * queries,
                heads,
                dv,
                (row, head) -> attend(
                        left,
                        (row * heads + head) * dk,
                        right,
                        values,
                        row / queries * keys,
                        keys,
                        head,
                        heads,
                        dk,
                        dv));
        assertGuards(out);
    }

    /** A square grid cut into windows, of which the last may reach over the border. */
    private void checkWindows(int batch, int allHeads, int d, int largeSide, int size, int gap) {
        boolean device = backendName.startsWith("cuda");
        int heads = heads(allHeads);
        int side = device ? largeSide : Math.min(largeSide, size + 4);
        int columns = heads * d;
        Operand q = spread(gap, 1, batch, side * side, columns);
        Operand k = spread(gap, 1, batch, side * side, columns);
        Operand v = spread(gap, 1, batch, side * side, columns);
        Operand padKey = input(columns);
        Operand padValue = input(columns);
        Operand out = output(gap, batch, side * side, columns);
        Backend backend = backend();
        AttentionSpec.Windows windows =
                new AttentionSpec.Windows(side, side, size, 1, padKey.on(backend), padValue.on(backend));
        AttentionSpec spec = AttentionSpec.windowed(heads, columns, windows);
        backend.attention(q.on(backend), k.on(backend), v.on(backend), spec, out.on(backend));
        backend.synchronize();
        float[] actual = contents(backend, out.on(backend));
        float[] left = contents(reference(), q.on(reference()));
        float[] right = contents(reference(), k.on(reference()));
        float[] values = contents(reference(), v.on(reference()));
        float[] keyOfPadding = contents(reference(), padKey.on(reference()));
        float[] valueOfPadding = contents(reference(), padValue.on(reference()));
        compare(
                actual,
                batch * side * side,
                heads,
                d,
                (row, head) -> attend(
                        left,
                        (row * heads + head) * d,
                        window(right, keyOfPadding, row, side, size),
                        window(values, valueOfPadding, row, side, size),
                        0,
                        size * size,
                        head,
                        heads,
                        d,
                        d));
        assertGuards(out);
    }

    /** The rows of the window that {@code row} lies in. */
    private static float[] window(float[] grid, float[] padding, int row, int side, int size) {
        int columns = padding.length;
        int inGrid = row % (side * side);
        int top = inGrid / side / size * size;
        int first = inGrid % side / size * size;
        float[] result = new float[size * size * columns];
        for (int i = 0; i < size * size; i++) {
            int y = top + i / size;
            int x = first + i % size;
            boolean inside = y < side && x < side;
            int from = inside ? (row - inGrid + y * side + x) * columns : 0;
            System.arraycopy(inside ? grid : padding, from, result, i * columns, columns);
        }
        return result;
    }

    private interface Expected {
        double[] of(int row, int head);
    }

    private void compare(float[] actual, int rows, int heads, int dv, Expected expected) {
        for (int i = 0; i < actual.length; i++) {
            assertTrue(Math.abs(actual[i]) < LARGEST, "element " + i + " is " + actual[i]);
        }
        IntStream.range(0, SAMPLES).parallel().forEach(sample -> {
            int row = sample == 0 ? rows - 1 : (int) ((long) (sample - 1) * (rows - 1) / (SAMPLES - 2));
            int head = sample % heads;
            double[] wanted = expected.of(row, head);
            for (int d = 0; d < dv; d++) {
                float got = actual[(row * heads + head) * dv + d];
                double rounding = roundoff() * (Math.abs(wanted[d]) + WEIGHTS);
                double bound = TOLERANCE * (1 + Math.abs(wanted[d])) + rounding;
                assertTrue(
                        Math.abs(got - wanted[d]) <= bound,
                        "row " + row + ", head " + head + ", column " + d + ": expected " + wanted[d] + ", got " + got
                                + ", bound " + bound);
            }
        });
    }

    /** One query of one head in float64; {@code first} is the first row of its keys. */
    private static double[] attend(
            float[] q, int at, float[] k, float[] v, int first, int keys, int head, int heads, int dk, int dv) {
        double[] weights = new double[keys];
        double best = Double.NEGATIVE_INFINITY;
        for (int key = 0; key < keys; key++) {
            int from = ((first + key) * heads + head) * dk;
            for (int d = 0; d < dk; d++) {
                weights[key] += (double) q[at + d] * k[from + d];
            }
            weights[key] /= Math.sqrt(dk);
            best = Math.max(best, weights[key]);
        }
        double[] result = new double[dv];
        double total = 0;
        for (int key = 0; key < keys; key++) {
            double weight = Math.exp(weights[key] - best);
            total += weight;
            for (int d = 0; d < dv; d++) {
                result[d] += weight * v[((first + key) * heads + head) * dv + d];
            }
        }
        for (int d = 0; d < dv; d++) {
            result[d] /= total;
        }
        return result;
    }
}
