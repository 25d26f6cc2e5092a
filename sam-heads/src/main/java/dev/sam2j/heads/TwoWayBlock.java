package dev.sam2j.heads;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import dev.sam2j.tensor.fused.DenseImages;
import dev.sam2j.tensor.fused.Images;
import dev.sam2j.tensor.fused.ShareImage;
import dev.sam2j.tensor.nn.LayerNorm;
import dev.sam2j.tensor.nn.Mlp;
import dev.sam2j.tensor.weights.Weights;
import java.util.function.Consumer;

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

    /** See {@link TwoWayTransformer#share}. */
    ShareImage share(DenseImages image, int tokens, Consumer<Images> destination) {
        return new ShareImage(
                image,
                tokenToImage.key(),
                tokenToImage.value(),
                imageToToken.query(),
                tokens,
                Attention.HEADS,
                destination);
    }

    /**
     * Updates tokens and images.
     *
     * @param queries (B, T, C), overwritten with the new queries
     * @param tokens the initial tokens (B, T, C), which act as the queries' positions
     * @param images of B prompts, or one for all
     * @param destination receives those of B prompts
     */
    void forward(Ops ops, Tensor queries, Tensor tokens, Images images, Images destination) {
        try (Workspace.Frame frame = ops.frame()) {
            attendToTokens(ops, queries, tokens);
            Tensor queriesAt = ops.add(queries, tokens);
            Tensor x = tokenToImage.toImageAdd(ops, queriesAt, images, queries);
            norm2.forwardInPlace(ops, x, Activation.NONE);
            mlp.forwardAdd(ops, x, null, x, queries);
            norm3.forwardInPlace(ops, queries, Activation.NONE);
            ops.add(queries, 1, tokens, 1, queriesAt);
            imageToToken.toTokens(ops, images, queriesAt, queries, norm4, destination);
        }
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
