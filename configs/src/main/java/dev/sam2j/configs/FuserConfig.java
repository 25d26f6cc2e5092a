package dev.sam2j.configs;

/**
 * Fuser of the memory encoder: a stack of ConvNeXt blocks.
 *
 * @param layer what every block is made of
 * @param numLayers number of blocks, each with its own weights
 */
public record FuserConfig(CXBlockConfig layer, int numLayers) {

    /** Checks the ranges given at the components; throws {@link IllegalArgumentException} naming the YAML key. */
    public FuserConfig {
        Check.range("num_layers", numLayers, 1, 64);
    }
}
