package dev.sam2j.configs;

/**
 * ConvNeXt block of the memory encoder's fuser.
 *
 * @param dim channels
 * @param kernelSize side of the depthwise convolution, odd
 * @param padding its zero padding, half the kernel rounded down
 * @param useDwconv whether it is depthwise; only {@code true} is supported
 */
public record CXBlockConfig(int dim, int kernelSize, int padding, boolean useDwconv) {

    /** Checks the ranges given at the components; throws {@link IllegalArgumentException} naming the YAML key. */
    public CXBlockConfig {
        Check.range("dim", dim, 1, HieraConfig.MAX_CHANNELS);
        Check.range("kernel_size", kernelSize, 1, 63);
        Check.that(kernelSize % 2 == 1, "kernel_size", "expected an odd number, got " + kernelSize);
        Check.that(
                padding == kernelSize / 2,
                "padding",
                "expected " + kernelSize / 2 + " to keep the map's size, got " + padding);
        Check.only("use_dwconv", useDwconv, true);
    }
}
