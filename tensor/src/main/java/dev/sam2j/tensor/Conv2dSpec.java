package dev.sam2j.tensor;

/**
 * Geometry of a convolution with a square kernel and zero padding on all four sides.
 *
 * @param kernel side of the kernel
 * @param stride step between outputs
 * @param padding zeros added on each side
 */
public record Conv2dSpec(int kernel, int stride, int padding) {
    /** Output length along an axis of {@code input} elements. */
    public int outputSize(int input) {
        return (input + 2 * padding - kernel) / stride + 1;
    }
}
