package dev.sam2j.training.model;

import dev.sam2j.training.grad.GradOps;
import dev.sam2j.training.grad.ParameterStore;
import dev.sam2j.training.grad.Var;

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
     * A layer.
     *
     * @param first whether the tokens' self-attention replaces the queries instead of being added to them
     */
    TwoWayBlock(ParameterStore.Path path, int channels, boolean first) {
        this.first = first;
        this.selfAttn = new Attention(path.at("self_attn"), channels, channels);
        this.norm1 = LayerNorm.of(path.at("norm1"), channels, EPS);
        this.tokenToImage = new Attention(path.at("cross_attn_token_to_image"), channels, channels / 2);
        this.norm2 = LayerNorm.of(path.at("norm2"), channels, EPS);
        this.mlp = new Mlp(path.at("mlp"), channels, MLP_WIDTH, channels, 2);
        this.norm3 = LayerNorm.of(path.at("norm3"), channels, EPS);
        this.norm4 = LayerNorm.of(path.at("norm4"), channels, EPS);
        this.imageToToken = new Attention(path.at("cross_attn_image_to_token"), channels, channels / 2);
    }

    /**
     * Tokens and image after a layer.
     *
     * @param queries tokens (B, T, C)
     * @param image (B, N, C)
     */
    record Result(Var queries, Var image) {}

    /**
     * Computes the layer.
     *
     * @param queries (B, T, C)
     * @param tokens the initial tokens (B, T, C), which act as the queries' positions
     * @param image (B, N, C), or (1, N, C) for one that all share
     * @param positions of the image, (1, N, C)
     */
    Result forward(GradOps ops, Var queries, Var tokens, Var image, Var positions) {
        Var x = attendToTokens(ops, queries, tokens);
        Var imageAt = ops.add(image, positions);
        x = norm2.forward(ops, tokenToImage.forwardAdd(ops, ops.add(x, tokens), imageAt, image, x));
        x = norm3.forward(ops, mlp.forwardAdd(ops, x, x));
        Var attended = imageToToken.forwardAddShared(ops, imageAt, ops.add(x, tokens), x, image);
        return new Result(x, norm4.forward(ops, attended));
    }

    private Var attendToTokens(GradOps ops, Var queries, Var tokens) {
        if (first) {
            return norm1.forward(ops, selfAttn.forward(ops, queries, queries, queries));
        }
        Var at = ops.add(queries, tokens);
        return norm1.forward(ops, selfAttn.forwardAdd(ops, at, at, queries, queries));
    }
}
