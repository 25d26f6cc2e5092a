package dev.sam2j.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SquaredNormTest extends TrainingContract {
    @Test
    void oddSizesAndGaps() {
        check(spread(0, 1, 1, 1));
        check(spread(0, 1, 7, 33));
        check(spread(3, 1, 513, 65));
        check(spread(0, 1, 5, 40001));
        check(spread(7, 1, 2, 40001));
        check(spread(0, 1, 100));
    }

    /** Their squares are no float32 values. */
    @Test
    void smallAndLargeElements() {
        check(spread(0, 1e-30, 9, 100));
        check(spread(0, 1e30, 9, 100));
    }

    @Test
    void elementsThatAreNotFinite() {
        for (float strange : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            float[] values = new float[40000];
            values[32100] = strange;
            Operand x = values(0, values, 200, 200);
            train((ops, b) -> assertFalse(Double.isFinite(ops.squaredNorm(x.on(b)))));
        }
    }

    private void check(Operand x) {
        List<Double> sums = new ArrayList<>();
        train((ops, b) -> sums.add(ops.squaredNorm(x.on(b))));
        // As the sum of so many float64 values in another order.
        assertEquals(sums.get(0), sums.get(1), 1e-11 * sums.get(0));
    }
}
