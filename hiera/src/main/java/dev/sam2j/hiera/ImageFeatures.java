package dev.sam2j.hiera;

import dev.sam2j.tensor.Tensor;

/**
 * What the image encoder makes of a picture of S x S pixels.
 *
 * @param embedding (B, S/16, S/16, C), without the no-memory embedding
 * @param highRes0 (B, S/4, S/4, C/8), after {@code conv_s0}
 * @param highRes1 (B, S/8, S/8, C/4), after {@code conv_s1}
 */
public record ImageFeatures(Tensor embedding, Tensor highRes0, Tensor highRes1) {}
