package dev.sam2j.configs;

/**
 * Memory attention: conditions a frame's features on the memories of other frames.
 *
 * @param dModel channels of the tokens
 * @param posEncAtInput whether a tenth of the position encoding is added at the input; only {@code true} is supported
 * @param layer what every layer is made of
 * @param numLayers number of layers, each with its own weights
 */
public record MemoryAttentionConfig(
        int dModel, boolean posEncAtInput, MemoryAttentionLayerConfig layer, int numLayers) {

    /** Checks the ranges given at the components; throws {@link IllegalArgumentException} naming the YAML key. */
    public MemoryAttentionConfig {
        Check.only("pos_enc_at_input", posEncAtInput, true);
        Check.range("num_layers", numLayers, 1, 64);
        Check.that(layer.dModel() == dModel, "layer.d_model", "expected " + dModel + ", got " + layer.dModel());
    }
}
