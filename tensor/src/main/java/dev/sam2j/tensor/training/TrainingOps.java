package dev.sam2j.tensor.training;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Tensor;

/**
 * The operations of training. All tensors are float32. Names are those of the forward operation in {@link Backend};
 * {@code dX} is the gradient of the loss by {@code x}. Gradients are <em>added</em> to what their destination holds,
 * for a tensor may have several users; a gradient that nobody needs is null and not computed. Destinations overlap no
 * other operand unless a method says so. Shapes are trusted, see {@code Tape}.
 *
 * <p>Equal operands give equal bits whatever the number of threads: sums over rows are cut into blocks of a fixed size
 * and joined in order. Sums of more than 2^16 terms are carried wider than float32, or pairwise.
 */
public interface TrainingOps {
    /** Sets every element. */
    void fill(Tensor x, float value);

    /**
     * Packs a matrix (out, in) that lies on the backend for {@link Backend#gemm}, or its transpose: with that,
     * {@code dX = dY W} is a product like any other.
     */
    PackedMatrix pack(Tensor matrix, boolean transposed);

    /** {@code dW += dYᵀ x} over all rows: dY (R, O), x (R, I), dW (O, I). */
    void outer(Tensor dY, Tensor x, Tensor dW);

    /** {@code c += a b}: a (M, N), b (N, K), c (M, K). */
    void multiply(Tensor a, Tensor b, Tensor c);

    /** {@code dBias += } sums of each column of dY (R, C), dBias (C). */
    void columnSums(Tensor dY, Tensor dBias);

    /** {@code dX += } the sum of dY's rows that repeat one of dX's: row r of dY belongs to {@code r mod dX.rows()}. */
    void sumRepeats(Tensor dY, Tensor dX);

    /**
     * {@code dX += dY f'(x)}.
     *
     * @param saved the function's argument x for {@link Activation#GELU}, otherwise its value
     */
    void activationBackward(Activation function, Tensor saved, Tensor dY, Tensor dX);

    /**
     * Adjoint of {@link Backend#layerNorm} without an activation: x, dY, dX (R, C); gamma, dGamma, dBeta (C).
     *
     * @param dX or null
     * @param dGamma null together with dBeta
     */
    void layerNormBackward(Tensor x, Tensor gamma, float eps, Tensor dY, Tensor dX, Tensor dGamma, Tensor dBeta);

    /**
     * {@link Backend#attention} without windows that keeps what its adjoint needs.
     *
     * @param logSumExp receives {@code log(sum(exp(scale q kᵀ)))} of each query and head, (B, Nq, heads)
     */
    void attention(Tensor q, Tensor k, Tensor v, AttentionSpec spec, Tensor destination, Tensor logSumExp);

    /**
     * Adjoint of {@link #attention}, by blocks of keys (Dao et al., FlashAttention, 2022); where one key side is shared
     * by the batch its gradients are summed over it.
     *
     * @param out what attention gave, (B, Nq, heads*dv)
     * @param dQ or null
     * @param dK or null
     * @param dV or null
     */
    void attentionBackward(
            Tensor q,
            Tensor k,
            Tensor v,
            AttentionSpec spec,
            Tensor out,
            Tensor logSumExp,
            Tensor dOut,
            Tensor dQ,
            Tensor dK,
            Tensor dV);

    /**
     * Moves columns to pixels: x (B, H, W, 4C) with columns in the order (row, column, channel) of a 2x2 cell,
     * destination (B, 2H, 2W, C). After a product, this is a transposed convolution with a 2x2 kernel and stride 2; it
     * is its own adjoint's inverse, {@link #pixelUnshuffle}.
     */
    void pixelShuffle(Tensor x, Tensor destination);

    /**
     * The inverse of {@link #pixelShuffle}: x (B, 2H, 2W, C), destination (B, H, W, 4C). Before a product, this is a
     * convolution with a 2x2 kernel and stride 2.
     */
    void pixelUnshuffle(Tensor x, Tensor destination);

    /**
     * The sums of the mask losses, of logits enlarged to the truth's size with {@code Interpolation.BILINEAR}.
     *
     * @param logits (N, M, h, w), M masks for each of the truth's N objects
     * @param alpha weight of pixels of the object in the focal loss, 1 - alpha of the others
     * @param gamma exponent of the focal loss, at least 0
     * @return for each mask, in the order of the logits, N*M
     */
    MaskLossSums[] maskLoss(Tensor logits, MaskTruth truth, float alpha, float gamma);

    /**
     * Adjoint of {@link #maskLoss} with the enlargement:
     * {@code dLogits += focal[i] d(focal sum)/dx + probability[i] d(sum p)/dx + agreement[i] d(sum p t)/dx} for mask i.
     * Masks whose three weights are 0 are not looked at.
     *
     * @param focal weight of each mask's focal sum, N*M
     * @param probability weight of each mask's sum of p, N*M
     * @param agreement weight of each mask's sum of p t, N*M
     * @param dLogits (N, M, h, w)
     */
    void maskLossBackward(
            Tensor logits,
            MaskTruth truth,
            float alpha,
            float gamma,
            double[] focal,
            double[] probability,
            double[] agreement,
            Tensor dLogits);

    /**
     * {@code w -= rate*decay*w; m = b1 m + (1-b1) g; v = b2 v + (1-b2) g²;
     * w -= rate/(1-b1^k) m / (sqrt(v)/sqrt(1-b2^k) + eps)}, elementwise, with the scaled gradient.
     */
    void adamW(Tensor weight, Tensor gradient, Tensor mean, Tensor square, AdamStep step);

    /** Sum of the squares of all elements; not finite if one of them is not. */
    double squaredNorm(Tensor x);
}
