package dev.sam2j.heads;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sam2j.configs.MaskDecoderConfig;
import org.junit.jupiter.api.Test;

/** Which of four masks answers a prompt that wants one. */
class MaskSelectorTest {
    private static final float[] IOU = {0.9f, 0.3f, 0.8f, 0.8f};

    @Test
    void keepsAStableMask() {
        float[] logits = new float[100];
        java.util.Arrays.fill(logits, 0, 50, 3);
        java.util.Arrays.fill(logits, 50, 100, -3);
        assertEquals(0, new MaskSelector(MaskDecoderConfig.POSTPROCESSING).single(logits, IOU));
    }

    @Test
    void replacesAnUnstableMaskByTheFirstOfTheBestAlternatives() {
        float[] logits = new float[100]; // within the margin everywhere: stability 0
        assertEquals(2, new MaskSelector(MaskDecoderConfig.POSTPROCESSING).single(logits, IOU));
        assertEquals(0, new MaskSelector(MaskDecoderConfig.BARE).single(logits, IOU));
    }

    @Test
    void stabilityIsJudgedAtItsThreshold() {
        float[] logits = new float[100];
        java.util.Arrays.fill(logits, 0, 98, 1);
        logits[98] = 0.01f;
        logits[99] = 0.01f; // 98 of 100: exactly the threshold, which is kept
        assertEquals(0, new MaskSelector(MaskDecoderConfig.POSTPROCESSING).single(logits, IOU));
        logits[97] = 0.01f;
        assertEquals(2, new MaskSelector(MaskDecoderConfig.POSTPROCESSING).single(logits, IOU));
    }

    @Test
    void anEmptyMaskIsStable() {
        float[] logits = new float[100];
        java.util.Arrays.fill(logits, -5);
        assertEquals(0, new MaskSelector(MaskDecoderConfig.POSTPROCESSING).single(logits, IOU));
    }
}
