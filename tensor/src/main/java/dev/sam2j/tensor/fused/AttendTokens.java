package dev.sam2j.tensor.fused;

import static dev.sam2j.tensor.Checks.check;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.FusedOp;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;

/**
 * Attention of all positions of an image to a few tokens, added to the image and normalised:
 * {@code norm(x + output(softmax(q kᵀ / sqrt(d)) v))} with {@code q = query(x + positions)}. Step by step the image is
 * projected.
 *
 * @param images x, for B prompts or one for all
 * @param k (B, T, heads*d)
 * @param v (B, T, heads*d)
 * @param destination for B prompts: the images themselves, or what {@link Images#expand} made of one for all
 */
public record AttendTokens(
        Images images,
        Tensor k,
        Tensor v,
        Projection query,
        Projection output,
        int heads,
        Norm norm,
        Images destination)
        implements FusedOp {
    private static final String NAME = "attendTokens";

    /**
     * Checks the operands.
     *
     * @throws IllegalArgumentException if one does not fit the others
     */
    public AttendTokens {
        check(k.shape().rank() == 3, NAME, "tokens", "(B, T, C)", k.shape());
        check(images.batch() == 1 || images.batch() == k.dim(0), NAME, "images", k.dim(0) + " or 1", images.batch());
        check(v.shape().equals(k.shape()), NAME, "values", k.shape(), v.shape());
        check(k.cols() % heads == 0, NAME, "columns of keys", "a multiple of " + heads, k.shape());
        query.checkFits(NAME, "query projection", images.channels(), k.cols());
        output.checkFits(NAME, "output projection", k.cols(), images.channels());
        norm.checkFits(NAME, images.channels());
        check(
                destination.batch() == k.dim(0)
                        && destination.pixels() == images.pixels()
                        && destination.channels() == images.channels(),
                NAME,
                "destination",
                k.dim(0) + " images of " + images.pixels() + " x " + images.channels(),
                destination.batch() + " of " + destination.pixels() + " x " + destination.channels());
    }

    /** The attention that this is. */
    public AttentionSpec spec() {
        return AttentionSpec.global(heads, k.cols());
    }

    @Override
    public void unfused(Ops ops) {
        DenseImages image = (DenseImages) images;
        Tensor result = ((DenseImages) destination).x();
        try (Workspace.Frame frame = ops.frame()) {
            Tensor q = image.projected() == null
                    ? query.forward(ops, ops.add(image.x(), image.positions()))
                    : image.projected().queries();
            Tensor queries = q.dim(0) < k.dim(0) ? ops.repeat(q, k.dim(0)) : q;
            Tensor attended = ops.attention(queries, k, v, spec());
            ops.gemm(attended, output.matrix(), Epilogue.bias(output.bias()).plus(image.x()), result);
            norm.forwardInPlace(ops, result, Activation.NONE);
        }
    }
}
