package dev.sam2j.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.MaskBits;
import org.junit.jupiter.api.Test;

class ThresholdMaskTest extends BackendContract {
    /** Pixels whose logit is this close to the threshold may fall on either side. */
    private static final double UNDECIDED = 1e-5;

    @Test
    void enlargeAndShrink() {
        check(16, 16, 64, 64, 0, 0);
        check(7, 5, 33, 31, 0.3f, 0);
        check(64, 48, 405, 333, -1, 0);
        check(20, 20, 9, 7, 0, 3);
        check(3, 3, 1, 1, 0, 0);
        check(12, 12, 8, 8, 0, 2);
    }

    private void check(int height, int width, int outHeight, int outWidth, float threshold, int gap) {
        Operand logits = spread(gap, 3, height, width);
        Operand map = values(0, contents(reference(), logits.on(reference())), 1, height, width, 1);
        Operand large = output(0, 1, outHeight, outWidth, 1);
        reference().interpolate(map.on(reference()), Interpolation.BILINEAR, large.on(reference()));
        float[] values = contents(reference(), large.on(reference()));
        int words = (outHeight * outWidth + 63) / 64;
        for (Backend target : new Backend[] {reference(), backend()}) {
            MaskBits mask = target.thresholdMask(
                            logits.on(target), outHeight, outWidth, threshold, threshold, threshold)
                    .get();
            long[] bits = mask.bits();
            assertEquals(words, bits.length);
            assertEquals(MaskBits.of(bits).low(), mask.low());
            assertEquals(mask.low(), mask.high());
            int undecided = 0;
            for (int i = 0; i < words * 64; i++) {
                boolean set = (bits[i / 64] >>> i & 1) != 0;
                if (i >= values.length) {
                    assertEquals(false, set, "unused bit " + i);
                } else if (Math.abs(values[i] - threshold) > UNDECIDED) {
                    assertEquals(values[i] > threshold, set, "pixel " + i);
                } else {
                    undecided++;
                }
            }
            assertTrue(undecided <= values.length / 100);
        }
    }
}
