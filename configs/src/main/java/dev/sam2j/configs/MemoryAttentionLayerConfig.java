package dev.sam2j.configs;

/**
 * One layer of the memory attention: self-attention, cross-attention to the memories, MLP.
 *
 * @param activation of the MLP; only {@code relu} is supported
 * @param dimFeedforward hidden channels of the MLP
 * @param posEncAtAttn whether self-attention adds the position encoding; only {@code false} is supported
 * @param selfAttention attention among the frame's own tokens
 * @param dModel channels of the tokens
 * @param posEncAtCrossAttnKeys whether cross-attention keys add theirs; only {@code true} is supported
 * @param posEncAtCrossAttnQueries whether cross-attention queries add theirs; only {@code false} is supported
 * @param crossAttention attention to the memories; {@code kv_in_dim} is the memory width
 */
public record MemoryAttentionLayerConfig(
        String activation,
        int dimFeedforward,
        boolean posEncAtAttn,
        RoPEAttentionConfig selfAttention,
        int dModel,
        boolean posEncAtCrossAttnKeys,
        boolean posEncAtCrossAttnQueries,
        RoPEAttentionConfig crossAttention) {

    /** Checks the ranges given at the components; throws {@link IllegalArgumentException} naming the YAML key. */
    public MemoryAttentionLayerConfig {
        Check.only("activation", activation, "relu");
        Check.range("dim_feedforward", dimFeedforward, 1, HieraConfig.MAX_CHANNELS);
        Check.only("pos_enc_at_attn", posEncAtAttn, false);
        Check.range("d_model", dModel, 1, HieraConfig.MAX_CHANNELS);
        Check.only("pos_enc_at_cross_attn_keys", posEncAtCrossAttnKeys, true);
        Check.only("pos_enc_at_cross_attn_queries", posEncAtCrossAttnQueries, false);
        equalToModel("self_attention.embedding_dim", selfAttention.embeddingDim(), dModel);
        equalToModel("self_attention.kv_in_dim", selfAttention.kvInDim(), dModel);
        equalToModel("cross_attention.embedding_dim", crossAttention.embeddingDim(), dModel);
        Check.that(
                crossAttention.ropeTheta() == selfAttention.ropeTheta(),
                "cross_attention.rope_theta",
                "expected that of the self-attention, " + selfAttention.ropeTheta() + ", got "
                        + crossAttention.ropeTheta());
        Check.only("cross_attention.rope_k_repeat", crossAttention.ropeKRepeat(), true);
    }

    private static void equalToModel(String key, int actual, int dModel) {
        Check.that(actual == dModel, key, "expected the layer's d_model = " + dModel + ", got " + actual);
    }
}
