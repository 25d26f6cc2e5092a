package dev.sam2j.heads;

import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Weights;
import dev.sam2j.tensor.Workspace;
import dev.sam2j.tensor.nn.LayerNorm;

/** Lets prompt tokens and image positions attend to each other. */
final class TwoWayTransformer {
    private static final int DEPTH = 2;

    private final TwoWayBlock[] layers = new TwoWayBlock[DEPTH];
    private final Attention finalAttention;
    private final LayerNorm finalNorm;

    TwoWayTransformer(Weights weights, int channels) {
        for (int i = 0; i < DEPTH; i++) {
            layers[i] = new TwoWayBlock(weights.at("layers").at(i), channels, i == 0);
        }
        this.finalAttention = new Attention(weights.at("final_attn_token_to_image"), channels, channels / 2);
        this.finalNorm = new LayerNorm(weights.at("norm_final_attn"), channels, TwoWayBlock.EPS);
    }

    /** What the first layer makes of an image (1, N, C), whose keys are at {@code positions}, without the tokens. */
    SharedImage project(Ops ops, Tensor image, Tensor positions) {
        return layers[0].project(ops, image, positions);
    }

    /** {@link #forward(Ops, Tensor, Tensor, Tensor, Tensor, Tensor)} with an image that all prompts share. */
    void forward(Ops ops, Tensor tokens, SharedImage image, Tensor positions, Tensor finalQueries, Tensor finalKeys) {
        ops.copy(tokens, finalQueries);
        try (Workspace.Frame frame = ops.frame()) {
            layers[0].forward(ops, finalQueries, tokens, image, finalKeys);
            finish(ops, 1, tokens, finalKeys, positions, finalQueries, finalKeys);
        }
    }

    /**
     * Lets tokens and image attend to each other.
     *
     * @param tokens (B, T, C)
     * @param keys of the image, (B or 1, N, C)
     * @param positions of the keys, (1, N, C)
     * @param finalQueries receives the tokens, (B, T, C)
     * @param finalKeys receives the image, (B, N, C)
     */
    void forward(Ops ops, Tensor tokens, Tensor keys, Tensor positions, Tensor finalQueries, Tensor finalKeys) {
        ops.copy(tokens, finalQueries);
        try (Workspace.Frame frame = ops.frame()) {
            finish(ops, 0, tokens, keys, positions, finalQueries, finalKeys);
        }
    }

    /** The layers from {@code first} on and the attention after the last. */
    private void finish(
            Ops ops, int first, Tensor tokens, Tensor keys, Tensor positions, Tensor finalQueries, Tensor finalKeys) {
        Tensor image = keys;
        for (int i = first; i < DEPTH; i++) {
            layers[i].forward(ops, finalQueries, tokens, image, positions, finalKeys);
            image = finalKeys;
        }
        Tensor queriesAt = ops.add(finalQueries, tokens);
        Tensor attended = finalAttention.toImageAdd(ops, queriesAt, image, positions, finalQueries);
        finalNorm.forwardInto(ops, attended, finalQueries);
    }
}
