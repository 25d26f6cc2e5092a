package dev.sam2j.configs;

/**
 * Extra settings of the mask decoder ({@code sam_mask_decoder_extra_args}): the fallback that replaces an unstable
 * single mask by the best of the multimask outputs.
 *
 * @param dynamicMultimaskViaStability whether the fallback is on
 * @param dynamicMultimaskStabilityDelta logit offset of the stability score, at least 0
 * @param dynamicMultimaskStabilityThresh stability from which the single mask is kept
 */
public record MaskDecoderConfig(
        boolean dynamicMultimaskViaStability,
        double dynamicMultimaskStabilityDelta,
        double dynamicMultimaskStabilityThresh) {

    /** What a YAML without {@code sam_mask_decoder_extra_args} means: no fallback. */
    public static final MaskDecoderConfig BARE = new MaskDecoderConfig(false, 0.05, 0.98);
    /** What the reference's model builders set by default: fallback on, delta 0.05, threshold 0.98. */
    public static final MaskDecoderConfig POSTPROCESSING = new MaskDecoderConfig(true, 0.05, 0.98);

    /** Checks the ranges given at the components; throws {@link IllegalArgumentException} naming the YAML key. */
    public MaskDecoderConfig {
        Check.finite("dynamic_multimask_stability_delta", dynamicMultimaskStabilityDelta);
        Check.that(
                dynamicMultimaskStabilityDelta >= 0,
                "dynamic_multimask_stability_delta",
                "expected a number of at least 0, got " + dynamicMultimaskStabilityDelta);
        Check.finite("dynamic_multimask_stability_thresh", dynamicMultimaskStabilityThresh);
    }
}
