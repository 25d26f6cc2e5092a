package dev.sam2j.heads;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Weights;
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

    /** Final queries (B, T, C) and keys (B, N, C). */
    record Result(Tensor queries, Tensor keys) {}

    /** Tokens (B, T, C) and keys (B or 1, N, C) with positions (1, N, C). */
    Result forward(Ops ops, Tensor tokens, Tensor keys, Tensor positions) {
        Tensor queries = ops.empty(tokens.dim(0), tokens.dim(1), tokens.dim(2));
        ops.copy(tokens, queries);
        Tensor image = keys;
        for (TwoWayBlock layer : layers) {
            image = layer.forward(ops, queries, tokens, image, positions);
        }
        Tensor attended =
                finalAttention.forwardAdd(ops, ops.add(queries, tokens), ops.add(image, positions), image, queries);
        finalNorm.forwardInPlace(ops, attended, Activation.NONE);
        return new Result(attended, image);
    }
}
