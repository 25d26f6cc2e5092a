package dev.sam2j.configs;

/**
 * Sine position encoding of a feature map ({@code PositionEmbeddingSine}).
 *
 * @param numPosFeats channels of the encoding, a multiple of 4: half for y, half for x, sine and cosine interleaved
 * @param temperature base of the frequencies, above 0
 * @param normalize positions are divided by their last value; only {@code true} is supported
 * @param scale factor of the normalised positions, above 0; the YAML's {@code null} means 2&pi;
 */
public record PositionEncodingConfig(int numPosFeats, double temperature, boolean normalize, double scale) {

    /** The scale that {@code scale: null} stands for. */
    public static final double DEFAULT_SCALE = 2 * Math.PI;

    /** Checks the ranges given at the components; throws {@link IllegalArgumentException} naming the YAML key. */
    public PositionEncodingConfig {
        Check.range("num_pos_feats", numPosFeats, 4, HieraConfig.MAX_CHANNELS);
        Check.multiple("num_pos_feats", numPosFeats, 4);
        Check.positive("temperature", temperature);
        Check.only("normalize", normalize, true);
        Check.positive("scale", scale);
    }
}
