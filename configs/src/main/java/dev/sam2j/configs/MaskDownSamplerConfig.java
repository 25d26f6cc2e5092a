package dev.sam2j.configs;

/**
 * Mask path of the memory encoder: strided convolutions from one channel, each multiplying the channels by
 * {@code stride * stride}, then a 1x1 convolution.
 *
 * @param embedDim channels of the output
 * @param kernelSize kernel side of the strided convolutions
 * @param stride their stride, 2, 4 or 16
 * @param padding their zero padding; kernel and padding must give exactly one output per stride
 * @param totalStride product of the strides; only 16, the stride of the features, is supported
 */
public record MaskDownSamplerConfig(int embedDim, int kernelSize, int stride, int padding, int totalStride) {

    /** Checks the ranges given at the components; throws {@link IllegalArgumentException} naming the YAML key. */
    public MaskDownSamplerConfig {
        Check.range("embed_dim", embedDim, 1, HieraConfig.MAX_CHANNELS);
        Check.only("total_stride", totalStride, 16);
        Check.that(stride == 2 || stride == 4 || stride == 16, "stride", "expected 2, 4 or 16, got " + stride);
        Check.range("kernel_size", kernelSize, 1, 64);
        Check.range("padding", padding, 0, kernelSize - 1);
        // floor((n + 2p - k) / s) + 1 == n / s for every multiple n of s
        int excess = 2 * padding - kernelSize;
        Check.that(
                excess >= -stride && excess < 0,
                "padding",
                "kernel_size " + kernelSize + ", stride " + stride + " and padding " + padding
                        + " do not divide the map's side by the stride");
    }

    /** Returns the number of strided convolutions. */
    public int numLayers() {
        return Integer.numberOfTrailingZeros(totalStride) / Integer.numberOfTrailingZeros(stride);
    }
}
