package dev.sam2j.tensor;

/**
 * A linear layer, {@code x Wᵀ + b}.
 *
 * @param matrix W (out, in)
 * @param bias b, {@code out} elements
 */
public record Projection(PackedMatrix matrix, Tensor bias) {
    /** Columns of the result. */
    public int out() {
        return matrix.out();
    }

    /** Columns of x. */
    public int in() {
        return matrix.in();
    }
}
