package dev.sam2j.tensor.fused;

import static dev.sam2j.tensor.Checks.check;
import static dev.sam2j.tensor.Checks.checkShape;

import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.FusedOp;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;

/**
 * Attention of a few tokens to all positions of an image whose keys and values are projections:
 * {@code softmax(q kᵀ / sqrt(d)) v} per head with {@code k = key(x + positions)} and {@code v = value(x)}. Step by step
 * the image is projected.
 *
 * @param q (B, T, heads*d)
 * @param images x, for B prompts or one for all
 * @param destination (B, T, heads*d)
 */
public record AttendImage(Tensor q, Images images, Projection key, Projection value, int heads, Tensor destination)
        implements FusedOp {
    private static final String NAME = "attendImage";

    /**
     * Checks the operands.
     *
     * @throws IllegalArgumentException if one does not fit the others
     */
    public AttendImage {
        check(q.shape().rank() == 3, NAME, "tokens", "(B, T, C)", q.shape());
        check(images.batch() == 1 || images.batch() == q.dim(0), NAME, "images", q.dim(0) + " or 1", images.batch());
        key.checkFits(NAME, "key projection", images.channels(), q.cols());
        value.checkFits(NAME, "value projection", images.channels(), q.cols());
        check(q.cols() % heads == 0, NAME, "columns of queries", "a multiple of " + heads, q.shape());
        checkShape(NAME, "destination", destination, q.shape().toArray());
    }

    /** The attention that this is. */
    public AttentionSpec spec() {
        return AttentionSpec.global(heads, q.cols());
    }

    @Override
    public void unfused(Ops ops) {
        DenseImages image = (DenseImages) images;
        DenseImages.Projected projected = image.projected();
        if (projected != null) {
            // Keys and values are the same for all prompts: their tokens attend together.
            Tensor together = q.reshape(1, q.dim(0) * q.dim(1), q.cols());
            Tensor result = destination.reshape(1, q.dim(0) * q.dim(1), q.cols());
            ops.attention(together, projected.keys(), projected.values(), spec(), result);
            return;
        }
        try (Workspace.Frame frame = ops.frame()) {
            Tensor k = key.forward(ops, ops.add(image.x(), image.positions()));
            Tensor v = value.forward(ops, image.x());
            ops.attention(q, k, v, spec(), destination);
        }
    }
}
