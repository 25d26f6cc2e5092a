package dev.sam2j.heads;

import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import dev.sam2j.tensor.fused.DenseImages;
import dev.sam2j.tensor.fused.Images;
import dev.sam2j.tensor.fused.ShareImage;
import dev.sam2j.tensor.nn.LayerNorm;
import dev.sam2j.tensor.weights.Weights;
import java.util.function.Consumer;

/** Lets prompt tokens and image positions attend to each other. */
final class TwoWayTransformer {
    /** Layers. */
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

    /** What brings an image into the form that prompts of {@code tokens} tokens each share. */
    ShareImage share(DenseImages image, int tokens, Consumer<Images> destination) {
        return layers[0].share(image, tokens, destination);
    }

    /**
     * Lets tokens and image attend to each other.
     *
     * @param tokens (B, T, C)
     * @param images of B prompts, or one for all
     * @param finalImages receives those of B prompts
     * @param finalQueries receives the tokens, (B, T, C)
     */
    void forward(Ops ops, Tensor tokens, Images images, Images finalImages, Tensor finalQueries) {
        ops.copy(tokens, finalQueries);
        try (Workspace.Frame frame = ops.frame()) {
            Images current = images;
            for (TwoWayBlock layer : layers) {
                layer.forward(ops, finalQueries, tokens, current, finalImages);
                current = finalImages;
            }
            Tensor queriesAt = ops.add(finalQueries, tokens);
            Tensor attended = finalAttention.toImageAdd(ops, queriesAt, current, finalQueries);
            finalNorm.forwardInto(ops, attended, finalQueries);
        }
    }
}
