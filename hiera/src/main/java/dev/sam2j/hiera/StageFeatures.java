package dev.sam2j.hiera;

import dev.sam2j.tensor.Tensor;

/**
 * What an image encoder that is not trained makes of a picture of S x S pixels: {@link ImageFeatures} before the mask
 * decoder's {@code conv_s0} and {@code conv_s1}, which are trained with the decoder.
 *
 * @param embedding (B, S/16, S/16, C), without the no-memory embedding
 * @param stage0 output of the trunk's first stage, (B, S/4, S/4, E)
 * @param stage1 output of its second stage, (B, S/8, S/8, 2E)
 */
public record StageFeatures(Tensor embedding, Tensor stage0, Tensor stage1) {}
