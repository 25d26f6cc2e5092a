package dev.sam2j.cpu.products;

import dev.sam2j.cpu.math.Pointwise;

/**
 * What happens to the sums of a matrix product: {@code y = residual + scale * function(sum + bias)}.
 *
 * @param bias one value per column from {@code biasOffset} on, or null
 * @param function applied after the bias
 * @param scale one value per column from {@code scaleOffset} on, or null
 * @param residual {@code residualRows} rows, {@code residualStride} apart, from {@code residualOffset} on, or null; row
 *     r of the product receives row {@code r mod residualRows}
 */
public record GemmEpilogue(
        float[] bias,
        int biasOffset,
        Pointwise function,
        float[] scale,
        int scaleOffset,
        float[] residual,
        int residualOffset,
        int residualStride,
        int residualRows) {
    /** Writes the plain sums. */
    public static final GemmEpilogue NONE = new GemmEpilogue(null, 0, Pointwise.NONE, null, 0, null, 0, 0, 1);

    /** Adds a bias and applies a function. */
    public static GemmEpilogue of(float[] bias, int biasOffset, Pointwise function) {
        return new GemmEpilogue(bias, biasOffset, function, null, 0, null, 0, 0, 1);
    }

    /** Position of the residual row that row {@code row} of the product receives; 0 without a residual. */
    int residualRow(int row) {
        return residual == null ? 0 : residualOffset + row % residualRows * residualStride;
    }
}
