package dev.sam2j.heads;

import dev.sam2j.configs.MaskDecoderConfig;

/** Decides which of the decoder's four masks answers a prompt that wants one mask. */
public final class MaskSelector {
    private final MaskDecoderConfig config;

    /** A selector with the settings of a model. */
    public MaskSelector(MaskDecoderConfig config) {
        this.config = config;
    }

    /**
     * The mask for an unambiguous prompt: number 0, or, where the model is configured to and mask 0 is unstable, the
     * alternative of the highest predicted quality.
     *
     * @param mask0 logits of mask 0
     * @param iou predicted quality of the four masks
     */
    public int single(float[] mask0, float[] iou) {
        boolean keep = !config.dynamicMultimaskViaStability()
                || stability(mask0, (float) config.dynamicMultimaskStabilityDelta())
                        >= (float) config.dynamicMultimaskStabilityThresh();
        return keep ? 0 : best(iou);
    }

    /** The alternative, 1 to 3, of the highest predicted quality; the first of equals. */
    private static int best(float[] iou) {
        int best = 1;
        for (int i = 2; i < MaskDecoder.MASKS; i++) {
            if (iou[i] > iou[best]) {
                best = i;
            }
        }
        return best;
    }

    /** Share of the pixels above {@code -delta} that are above {@code delta} too; 1 if there are none. */
    private static float stability(float[] logits, float delta) {
        int inner = 0;
        int outer = 0;
        for (float logit : logits) {
            if (logit > delta) {
                inner++;
            }
            if (logit > -delta) {
                outer++;
            }
        }
        return outer == 0 ? 1 : (float) inner / outer;
    }
}
