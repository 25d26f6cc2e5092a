package dev.sam2j.heads;

import dev.sam2j.tensor.LowRankOps;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Weights;
import dev.sam2j.tensor.Workspace;
import dev.sam2j.tensor.nn.LayerNorm;
import java.util.Optional;

/** Lets prompt tokens and image positions attend to each other. */
final class TwoWayTransformer {
    /** Layers. */
    private static final int DEPTH = 2;

    private final TwoWayBlock[] layers = new TwoWayBlock[DEPTH];
    private final Attention finalAttention;
    private final LayerNorm finalNorm;
    private final int channels;

    TwoWayTransformer(Weights weights, int channels) {
        this.channels = channels;
        for (int i = 0; i < DEPTH; i++) {
            layers[i] = new TwoWayBlock(weights.at("layers").at(i), channels, i == 0);
        }
        this.finalAttention = new Attention(weights.at("final_attn_token_to_image"), channels, channels / 2);
        this.finalNorm = new LayerNorm(weights.at("norm_final_attn"), channels, TwoWayBlock.EPS);
    }

    /** An image (1, N, C) that prompts of {@code tokens} tokens each share; its keys are at {@code positions}. */
    SharedImage share(Ops ops, Tensor image, Tensor positions, int tokens) {
        return lowRank(ops, tokens)
                .<SharedImage>map(operations -> new SharedImage.LowRank(operations, operations.share(image, positions)))
                .orElseGet(() -> layers[0].project(ops, image, positions));
    }

    /** The operations on images of low rank, if they suit prompts of so many tokens. */
    Optional<LowRankOps> lowRank(Ops ops, int tokens) {
        return ops.backend()
                .lowRank()
                .filter(operations -> operations.suits(tokens, Attention.HEADS, channels / 2, channels));
    }

    /**
     * Lets tokens and image attend to each other.
     *
     * @param tokens (B, T, C)
     * @param image changed
     * @param finalQueries receives the tokens, (B, T, C)
     */
    void forward(Ops ops, Tensor tokens, TwoWayImage image, Tensor finalQueries) {
        ops.copy(tokens, finalQueries);
        try (Workspace.Frame frame = ops.frame()) {
            for (TwoWayBlock layer : layers) {
                layer.forward(ops, finalQueries, tokens, image);
            }
            Tensor queriesAt = ops.add(finalQueries, tokens);
            Tensor attended = finalAttention.toImageAdd(ops, queriesAt, image, finalQueries);
            finalNorm.forwardInto(ops, attended, finalQueries);
        }
    }
}
