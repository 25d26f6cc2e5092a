package dev.sam2j.heads;

import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.LowRankImage;
import dev.sam2j.tensor.Norm;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;

/** The image's side of a two-way transformer, on its way through the layers. */
public sealed interface TwoWayImage {
    /**
     * What tokens see in the image.
     *
     * @param q projected tokens (B, T, inner)
     * @return (B, T, inner)
     */
    Tensor attend(Ops ops, Tensor q, Attention attention);

    /**
     * Replaces the image by {@code norm(image + attention)} to tokens.
     *
     * @param k projected tokens (B, T, inner)
     * @param v likewise
     */
    void update(Ops ops, Tensor k, Tensor v, Attention attention, Norm norm);

    /** An embedding for each prompt, or one for all until the first update. */
    final class Dense implements TwoWayImage {
        private Tensor image;
        private final Tensor positions;
        private final Tensor destination;

        /**
         * An image.
         *
         * @param image (B or 1, N, C)
         * @param positions added to the image for keys and queries, (1, N, C)
         * @param destination receives the updated image, (B, N, C); may be the image
         */
        Dense(Tensor image, Tensor positions, Tensor destination) {
            this.image = image;
            this.positions = positions;
            this.destination = destination;
        }

        @Override
        public Tensor attend(Ops ops, Tensor q, Attention attention) {
            return ops.attendImage(
                    q,
                    image,
                    positions,
                    attention.key().projection(),
                    attention.value().projection(),
                    Attention.HEADS);
        }

        @Override
        public void update(Ops ops, Tensor k, Tensor v, Attention attention, Norm norm) {
            ops.attendTokens(
                    image,
                    positions,
                    k,
                    v,
                    attention.query().projection(),
                    attention.output().projection(),
                    Attention.HEADS,
                    norm,
                    destination);
            image = destination;
        }
    }

    /** {@link Dense}, with the projections of the first layer computed beforehand. */
    final class Projected implements TwoWayImage {
        private final SharedImage.Projected shared;
        private final Tensor destination;
        private final Dense updated;
        private boolean isUpdated;

        /** The shared image; {@code destination} (B, N, C) receives the updated ones. */
        Projected(SharedImage.Projected shared, Tensor destination) {
            this.shared = shared;
            this.destination = destination;
            this.updated = new Dense(destination, shared.positions(), destination);
        }

        /** The tokens of all prompts attend together: keys and values are the same. */
        @Override
        public Tensor attend(Ops ops, Tensor q, Attention attention) {
            if (isUpdated) {
                return updated.attend(ops, q, attention);
            }
            Tensor together = q.reshape(1, q.dim(0) * q.dim(1), q.cols());
            AttentionSpec spec = AttentionSpec.global(Attention.HEADS, q.cols());
            return ops.attention(together, shared.keys(), shared.values(), spec).reshape(q.dim(0), q.dim(1), q.cols());
        }

        @Override
        public void update(Ops ops, Tensor k, Tensor v, Attention attention, Norm norm) {
            if (isUpdated) {
                updated.update(ops, k, v, attention, norm);
                return;
            }
            ops.attendTokens(
                    shared.image(),
                    shared.queries(),
                    k,
                    v,
                    attention.output().projection(),
                    Attention.HEADS,
                    norm,
                    destination);
            isUpdated = true;
        }
    }

    /** What each prompt adds to an image they share. */
    record LowRank(LowRankImage image) implements TwoWayImage {
        @Override
        public Tensor attend(Ops ops, Tensor q, Attention attention) {
            return ops.attendImage(
                    q, image, attention.key().projection(), attention.value().projection(), Attention.HEADS);
        }

        @Override
        public void update(Ops ops, Tensor k, Tensor v, Attention attention, Norm norm) {
            ops.attendTokens(
                    image,
                    k,
                    v,
                    attention.query().projection(),
                    attention.output().projection(),
                    Attention.HEADS,
                    norm);
        }
    }
}
