package dev.sam2j.configs;

/**
 * Memory encoder: turns a frame's features and its mask into a memory.
 *
 * @param outDim channels of a memory, a divisor of {@code inDim} and smaller
 * @param positionEncoding encoding of a memory, with {@code outDim} channels
 * @param maskDownsampler the mask's path, with {@code inDim} output channels
 * @param fuser blocks applied to the sum of features and mask, on {@code inDim} channels
 * @param inDim channels of the features
 */
public record MemoryEncoderConfig(
        int outDim,
        PositionEncodingConfig positionEncoding,
        MaskDownSamplerConfig maskDownsampler,
        FuserConfig fuser,
        int inDim) {

    /** Checks the ranges given at the components; throws {@link IllegalArgumentException} naming the YAML key. */
    public MemoryEncoderConfig {
        Check.range("in_dim", inDim, 1, HieraConfig.MAX_CHANNELS);
        Check.range("out_dim", outDim, 1, HieraConfig.MAX_CHANNELS);
        Check.that(
                outDim < inDim && inDim % outDim == 0,
                "out_dim",
                "expected a divisor of in_dim = " + inDim + " below it, got " + outDim);
        Check.that(
                positionEncoding.numPosFeats() == outDim,
                "position_encoding.num_pos_feats",
                "expected out_dim = " + outDim + ", got " + positionEncoding.numPosFeats());
        Check.that(
                maskDownsampler.embedDim() == inDim,
                "mask_downsampler.embed_dim",
                "expected in_dim = " + inDim + ", got " + maskDownsampler.embedDim());
        Check.that(
                fuser.layer().dim() == inDim,
                "fuser.layer.dim",
                "expected in_dim = " + inDim + ", got " + fuser.layer().dim());
    }
}
