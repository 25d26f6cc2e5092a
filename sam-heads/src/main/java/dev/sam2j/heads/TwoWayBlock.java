package dev.sam2j.heads;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Weights;
import dev.sam2j.tensor.Workspace;
import dev.sam2j.tensor.nn.LayerNorm;
import dev.sam2j.tensor.nn.Mlp;

/** One layer of the two-way transformer: tokens to tokens, tokens to image, perceptron, image to tokens. */
final class TwoWayBlock {
    static final float EPS = 1e-5f;
    private static final int MLP_WIDTH = 2048;

    private final boolean first;
    private final Attention selfAttn;
    private final LayerNorm norm1;
    private final Attention tokenToImage;
    private final LayerNorm norm2;
    private final Mlp mlp;
    private final LayerNorm norm3;
    private final LayerNorm norm4;
    private final Attention imageToToken;

    /**
     * A layer at {@code weights}.
     *
     * @param first whether the tokens' self-attention replaces the queries instead of being added to them
     */
    TwoWayBlock(Weights weights, int channels, boolean first) {
        this.first = first;
        this.selfAttn = new Attention(weights.at("self_attn"), channels, channels);
        this.norm1 = new LayerNorm(weights.at("norm1"), channels, EPS);
        this.tokenToImage = new Attention(weights.at("cross_attn_token_to_image"), channels, channels / 2);
        this.norm2 = new LayerNorm(weights.at("norm2"), channels, EPS);
        this.mlp = new Mlp(weights.at("mlp"), channels, MLP_WIDTH, channels, 2, Activation.RELU);
        this.norm3 = new LayerNorm(weights.at("norm3"), channels, EPS);
        this.norm4 = new LayerNorm(weights.at("norm4"), channels, EPS);
        this.imageToToken = new Attention(weights.at("cross_attn_image_to_token"), channels, channels / 2);
    }

    /** Projections of an image (1, N, C), whose keys are at {@code positions}, (1, N, C). */
    SharedImage project(Ops ops, Tensor image, Tensor positions) {
        Tensor at = ops.add(image, positions);
        return new SharedImage(
                image,
                tokenToImage.projectKeys(ops, at),
                tokenToImage.projectValues(ops, image),
                imageToToken.projectQueries(ops, at));
    }

    /** {@link #forward} with an image that all prompts share. */
    void forward(Ops ops, Tensor queries, Tensor tokens, SharedImage image, Tensor newKeys) {
        try (Workspace.Frame frame = ops.frame()) {
            attendToTokens(ops, queries, tokens);
            Tensor queriesAt = ops.add(queries, tokens);
            Tensor x = tokenToImage.toProjectedAdd(ops, queriesAt, image.keys(), image.values(), queries);
            update(ops, x, queries, tokens, queriesAt);
            imageToToken.projectedToTokens(ops, image.image(), image.queries(), queriesAt, queries, norm4, newKeys);
        }
    }

    /**
     * Updates tokens and image.
     *
     * @param queries (B, T, C), overwritten with the new queries
     * @param tokens the initial tokens (B, T, C), which act as the queries' positions
     * @param keys (B or 1, N, C)
     * @param positions of the keys, (1, N, C)
     * @param newKeys receives the new keys, (B, N, C); may be {@code keys}
     */
    void forward(Ops ops, Tensor queries, Tensor tokens, Tensor keys, Tensor positions, Tensor newKeys) {
        try (Workspace.Frame frame = ops.frame()) {
            attendToTokens(ops, queries, tokens);
            Tensor queriesAt = ops.add(queries, tokens);
            Tensor x = tokenToImage.toImageAdd(ops, queriesAt, keys, positions, queries);
            update(ops, x, queries, tokens, queriesAt);
            imageToToken.toTokens(ops, keys, positions, queriesAt, queries, norm4, newKeys);
        }
    }

    /** From tokens that have attended to the image, which are overwritten, to the new queries. */
    private void update(Ops ops, Tensor attended, Tensor queries, Tensor tokens, Tensor queriesAt) {
        norm2.forwardInPlace(ops, attended, Activation.NONE);
        mlp.forwardAdd(ops, attended, null, attended, queries);
        norm3.forwardInPlace(ops, queries, Activation.NONE);
        ops.add(queries, 1, tokens, 1, queriesAt);
    }

    private void attendToTokens(Ops ops, Tensor queries, Tensor tokens) {
        Tensor attended;
        if (first) {
            attended = selfAttn.forward(ops, queries, queries, queries);
        } else {
            Tensor at = ops.add(queries, tokens);
            attended = selfAttn.forwardAdd(ops, at, at, queries, queries);
        }
        norm1.forwardInto(ops, attended, queries);
    }
}
