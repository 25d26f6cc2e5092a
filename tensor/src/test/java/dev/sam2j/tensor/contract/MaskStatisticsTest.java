package dev.sam2j.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.MaskBits;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import org.junit.jupiter.api.Test;

class MaskStatisticsTest extends BackendContract {
    /** Pixels whose logit is this close to a threshold may fall on either side. */
    private static final double UNDECIDED = 1e-5;

    @Test
    void enlargeAndShrink() {
        check(16, 16, 64, 64, -1, 0, 1, 0);
        check(7, 5, 33, 31, -0.2f, 0.3f, 0.8f, 0);
        check(64, 48, 405, 333, -2, -1, 0, 0);
        check(20, 20, 9, 7, -1, 0, 1, 3);
        check(3, 3, 1, 1, 0, 0, 0, 0);
        check(32, 32, 300, 640, -1, 0, 1, 5);
    }

    private void check(
            int height, int width, int outHeight, int outWidth, float low, float middle, float high, int gap) {
        float[] values = new float[height * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (3 * random().nextGaussian());
        }
        check(values, height, width, outHeight, outWidth, low, middle, high, gap);
    }

    private void check(
            float[] source,
            int height,
            int width,
            int outHeight,
            int outWidth,
            float low,
            float middle,
            float high,
            int gap) {
        Operand logits = values(gap, source, height, width);
        Operand map = values(0, contents(reference(), logits.on(reference())), 1, height, width, 1);
        Operand large = output(0, 1, outHeight, outWidth, 1);
        reference().interpolate(map.on(reference()), Interpolation.BILINEAR, large.on(reference()));
        float[] values = contents(reference(), large.on(reference()));
        int words = (values.length + 63) / 64;
        for (Backend target : new Backend[] {reference(), backend()}) {
            MaskBits mask = target.thresholdMask(logits.on(target), outHeight, outWidth, low, middle, high)
                    .get();
            assertCount(values, low, mask.low());
            assertCount(values, high, mask.high());
            assertEquals(words, mask.bits().length);
            MaskBits alone = target.thresholdMask(logits.on(target), outHeight, outWidth, middle, middle, middle)
                    .get();
            assertArrayEquals(alone.bits(), mask.bits());
        }
    }

    private static void assertCount(float[] values, float threshold, int actual) {
        int expected = 0;
        int undecided = 0;
        for (float value : values) {
            expected += value > threshold ? 1 : 0;
            undecided += Math.abs(value - threshold) <= UNDECIDED ? 1 : 0;
        }
        assertTrue(undecided <= values.length / 100);
        assertTrue(
                Math.abs(actual - expected) <= undecided,
                actual + " above " + threshold + ", expected " + expected + " +- " + undecided);
    }

    /** A blob far above the thresholds on a ground far below them: most pieces of lines lie on one side. */
    @Test
    void insideAndOutside() {
        int height = 40;
        int width = 50;
        float[] logits = new float[height * width];
        for (int i = 0; i < logits.length; i++) {
            double distance = Math.hypot(i / width - 18.3, i % width - 26.1);
            logits[i] = (float) (20 * (14 - distance)) + (float) random().nextGaussian();
        }
        for (int outWidth : new int[] {640, 333, 50, 25}) {
            check(logits, height, width, 370, outWidth, -1, 0, 1, 0);
        }
    }

    @Test
    void equalIsNotAbove() {
        Operand logits = values(0, new float[] {1, 1, 1, 1}, 2, 2);
        MaskBits mask =
                backend().thresholdMask(logits.on(backend()), 5, 5, 0, 1, 1).get();
        assertEquals(25, mask.low());
        assertEquals(0, mask.high());
        assertArrayEquals(new long[1], mask.bits());
    }

    @Test
    void wrongArgumentsAreNamed() {
        Ops ops = new Ops(backend());
        Tensor logits = ops.tensor(new float[4], 2, 2);
        assertThrows(IllegalArgumentException.class, () -> ops.thresholdMask(logits, 4, 4, 1, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> ops.thresholdMask(logits.reshape(4), 9, 9, 0, 0, 1));
    }
}
