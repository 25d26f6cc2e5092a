package dev.sam2j.configs;

import java.util.List;

/**
 * Attention with axial rotary position encoding ({@code RoPEAttention}).
 *
 * @param ropeTheta base of the rotation frequencies, above 0
 * @param featSizes grid (width, height) a table is prepared for; does not change results, since the table follows the
 *        actual number of queries
 * @param ropeKRepeat whether the query table is repeated along the keys, one repetition per memory frame
 * @param embeddingDim channels of queries and output, a multiple of 4
 * @param numHeads attention heads; only 1 is supported
 * @param downsampleRate divisor of the inner channels; only 1 is supported
 * @param kvInDim channels of the key and value source; an omitted key means {@code embeddingDim}
 */
public record RoPEAttentionConfig(
        double ropeTheta,
        List<Integer> featSizes,
        boolean ropeKRepeat,
        int embeddingDim,
        int numHeads,
        int downsampleRate,
        int kvInDim) {

    /** Checks the ranges given at the components; throws {@link IllegalArgumentException} naming the YAML key. */
    public RoPEAttentionConfig {
        featSizes = List.copyOf(featSizes);
        Check.positive("rope_theta", ropeTheta);
        Check.that(featSizes.size() == 2, "feat_sizes", "expected two entries, got " + featSizes);
        for (int size : featSizes) {
            Check.range("feat_sizes", size, 1, Sam2Config.MAX_IMAGE_SIZE);
        }
        Check.range("embedding_dim", embeddingDim, 4, HieraConfig.MAX_CHANNELS);
        Check.multiple("embedding_dim", embeddingDim, 4);
        Check.only("num_heads", numHeads, 1);
        Check.only("downsample_rate", downsampleRate, 1);
        Check.range("kv_in_dim", kvInDim, 1, HieraConfig.MAX_CHANNELS);
    }
}
