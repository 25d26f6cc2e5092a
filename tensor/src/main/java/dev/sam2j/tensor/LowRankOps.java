package dev.sam2j.tensor;

/**
 * Operations of a {@link Backend} on images that prompts share. An image that few tokens have written to differs from
 * the shared one by few rows ({@link LowRankImage}), and whatever is linear in it takes the projections of these rows
 * and, once for all prompts, of the shared image: less than half the arithmetic of an image for each prompt, and half
 * the memory.
 */
public interface LowRankOps {
    /** An image (1, N, C) with what layers make of it, computed when it is first needed. */
    interface Shared {}

    /** Whether this form pays, and is possible, for prompts of {@code tokens} tokens (B, tokens, inner). */
    boolean suits(int tokens, int heads, int inner, int channels);

    /**
     * An image that prompts share.
     *
     * @param image (1, N, C); must not change
     * @param positions added to it for keys and queries, (1, N, C); likewise
     */
    Shared share(Tensor image, Tensor positions);

    /**
     * Images of {@code batch} prompts that are all equal to the shared one so far.
     *
     * @param tokens that {@link #attendTokens} will be called with, at most twice
     */
    LowRankImage begin(Shared shared, int batch, int tokens, int heads, Workspace workspace);

    /** {@link Backend#attendImage}: q (B, T, heads*d), destination (B, T, heads*d). */
    void attendImage(Tensor q, LowRankImage x, Projection key, Projection value, int heads, Tensor destination);

    /** {@link Backend#attendTokens} in place: k and v (B, T, heads*d). */
    void attendTokens(LowRankImage x, Tensor k, Tensor v, Projection query, Projection output, int heads, Norm norm);

    /** {@link Backend#drawMasks}; the image must have attended to tokens. */
    void drawMasks(
            LowRankImage image,
            MaskUpscaling layers,
            Tensor highRes0,
            Tensor highRes1,
            Tensor filters,
            Tensor destination);
}
