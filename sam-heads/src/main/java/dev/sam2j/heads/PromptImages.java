package dev.sam2j.heads;

import dev.sam2j.tensor.LowRankImage;
import dev.sam2j.tensor.MaskUpscaling;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;

/** The image embeddings that B prompts end with. */
public sealed interface PromptImages {
    /** B. */
    int batch();

    /** Prompts {@code from} (inclusive) to {@code to} (exclusive), a view. */
    PromptImages slice(int from, int to);

    /** See {@link Ops#drawMasks}. */
    void draw(Ops ops, MaskUpscaling layers, Tensor highRes0, Tensor highRes1, Tensor filters, Tensor destination);

    /** The tensors they lie in. */
    Tensor[] tensors();

    /**
     * One for each prompt.
     *
     * @param image (B, h, w, C)
     */
    record Dense(Tensor image) implements PromptImages {
        /** The same as (B, h*w, C). */
        Tensor tokens() {
            return image.reshape(image.dim(0), image.dim(1) * image.dim(2), image.cols());
        }

        @Override
        public int batch() {
            return image.dim(0);
        }

        @Override
        public PromptImages slice(int from, int to) {
            return new Dense(image.slice(from, to));
        }

        @Override
        public void draw(
                Ops ops, MaskUpscaling layers, Tensor highRes0, Tensor highRes1, Tensor filters, Tensor destination) {
            ops.drawMasks(image, layers, highRes0, highRes1, filters, destination);
        }

        @Override
        public Tensor[] tensors() {
            return new Tensor[] {image};
        }
    }

    /** What each prompt adds to the image they share. */
    record LowRank(LowRankImage image) implements PromptImages {
        @Override
        public int batch() {
            return image.batch();
        }

        @Override
        public PromptImages slice(int from, int to) {
            return new LowRank(image.slice(from, to));
        }

        @Override
        public void draw(
                Ops ops, MaskUpscaling layers, Tensor highRes0, Tensor highRes1, Tensor filters, Tensor destination) {
            ops.drawMasks(image, layers, highRes0, highRes1, filters, destination);
        }

        @Override
        public Tensor[] tensors() {
            return new Tensor[0];
        }
    }
}
