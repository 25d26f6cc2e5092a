package dev.sam2j.tensor;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Attention at the sizes of the models, where a device chooses kernels and splits of its own. Some query rows are
 * compared with float64; the others must be weighted means of values too. Only real devices get the full sizes.
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

    private void check(int batch, int allHeads, int dk, int dv, int largeQueries, int largeKeys, int gap) {
        boolean device = backendName.startsWith("cuda");
        int heads = device ? allHeads : Math.min(allHeads, 2);
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
        for (int i = 0; i < actual.length; i++) {
            assertTrue(Math.abs(actual[i]) < LARGEST, "element " + i + " is " + actual[i]);
        }
        float[] left = contents(reference(), q.on(reference()));
        float[] right = contents(reference(), k.on(reference()));
        float[] values = contents(reference(), v.on(reference()));
        int rows = batch * queries;
        IntStream.range(0, SAMPLES).parallel().forEach(sample -> {
            int row = sample == 0 ? rows - 1 : (int) ((long) (sample - 1) * (rows - 1) / (SAMPLES - 2));
            int head = sample % heads;
            double[] expected = attend(
                    left, (row * heads + head) * dk, right, values, row / queries * keys, keys, head, heads, dk, dv);
            for (int d = 0; d < dv; d++) {
                float got = actual[(row * heads + head) * dv + d];
                double rounding = inBfloat16() ? 0x1p-8 * (Math.abs(expected[d]) + WEIGHTS) : 0;
                double bound = TOLERANCE * (1 + Math.abs(expected[d])) + rounding;
                assertTrue(
                        Math.abs(got - expected[d]) <= bound,
                        "row " + row + ", head " + head + ", column " + d + ": expected " + expected[d] + ", got " + got
                                + ", bound " + bound);
            }
        });
        assertGuards(out);
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
