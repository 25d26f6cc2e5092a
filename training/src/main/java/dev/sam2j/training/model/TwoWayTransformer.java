package dev.sam2j.training.model;

import dev.sam2j.training.grad.GradOps;
import dev.sam2j.training.grad.ParameterStore;
import dev.sam2j.training.grad.Var;

/** Lets prompt tokens and image positions attend to each other. */
final class TwoWayTransformer {
    private static final int DEPTH = 2;

    private final TwoWayBlock[] layers = new TwoWayBlock[DEPTH];
    private final Attention finalAttention;
    private final LayerNorm finalNorm;

    TwoWayTransformer(ParameterStore.Path path, int channels) {
        for (int i = 0; i < DEPTH; i++) {
            layers[i] = new TwoWayBlock(path.at("layers").at(i), channels, i == 0);
        }
        this.finalAttention = new Attention(path.at("final_attn_token_to_image"), channels, channels / 2);
        this.finalNorm = LayerNorm.of(path.at("norm_final_attn"), channels, TwoWayBlock.EPS);
    }

    /**
     * Tokens and image after they have attended to each other.
     *
     * @param tokens (B, T, C)
     * @param image (B, N, C), or (1, N, C) for one that all share
     * @param positions of the image, (1, N, C)
     */
    TwoWayBlock.Result forward(GradOps ops, Var tokens, Var image, Var positions) {
        Var queries = tokens;
        Var current = image;
        for (TwoWayBlock layer : layers) {
            TwoWayBlock.Result result = layer.forward(ops, queries, tokens, current, positions);
            queries = result.queries();
            current = result.image();
        }
        Var at = ops.add(queries, tokens);
        Var imageAt = ops.add(current, positions);
        Var attended = finalAttention.forwardAdd(ops, at, imageAt, current, queries);
        return new TwoWayBlock.Result(finalNorm.forward(ops, attended), current);
    }
}
