package dev.sam2j.heads;

import dev.sam2j.tensor.LowRankOps;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;

/**
 * An image that many prompts are decoded for, in the form that the backend decodes them fastest; see
 * {@link MaskDecoder#share}.
 */
public sealed interface SharedImage {
    /** Room for what the image becomes for B prompts of T tokens each. */
    PromptImages allocate(Ops ops, int batch, int height, int width, int tokens);

    /** The image before any prompt; what it becomes goes to {@code destination}, which {@link #allocate} made. */
    TwoWayImage begin(PromptImages destination);

    /** The tensors it lies in. */
    Tensor[] tensors();

    /**
     * An image with its projections by the first layer: each prompt gets an embedding of its own from there on.
     *
     * @param image (1, N, C)
     * @param positions (1, N, C)
     * @param keys of the image for the tokens' attention, (1, N, inner)
     * @param values likewise
     * @param queries of the image for its attention to the tokens, (1, N, inner)
     */
    record Projected(Tensor image, Tensor positions, Tensor keys, Tensor values, Tensor queries)
            implements SharedImage {
        @Override
        public PromptImages allocate(Ops ops, int batch, int height, int width, int tokens) {
            return new PromptImages.Dense(ops.empty(batch, height, width, image.cols()));
        }

        @Override
        public TwoWayImage begin(PromptImages destination) {
            return new TwoWayImage.Projected(this, ((PromptImages.Dense) destination).tokens());
        }

        @Override
        public Tensor[] tensors() {
            return new Tensor[] {image, positions, keys, values, queries};
        }
    }

    /** An image that differs between prompts by few rows. */
    record LowRank(LowRankOps operations, LowRankOps.Shared image) implements SharedImage {
        @Override
        public PromptImages allocate(Ops ops, int batch, int height, int width, int tokens) {
            return new PromptImages.LowRank(operations.begin(image, batch, tokens, Attention.HEADS, ops.workspace()));
        }

        @Override
        public TwoWayImage begin(PromptImages destination) {
            return new TwoWayImage.LowRank(((PromptImages.LowRank) destination).image());
        }

        @Override
        public Tensor[] tensors() {
            return new Tensor[0];
        }
    }
}
