package dev.sam2j.tensor.fused;

import dev.sam2j.tensor.FusedOp;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import java.util.function.Consumer;

/**
 * Brings an image that many prompts will share into the form in which each takes the least of its own. A backend may
 * keep what they share apart from what each adds, and then computes what it needs when it first needs it; otherwise the
 * image is projected for the first layers, once for all.
 *
 * @param image (1, N, C) without projections. A backend's own form reads it when it is first used; from then on it must
 *     not change
 * @param key of the first {@link AttendImage}
 * @param value likewise
 * @param query of the first {@link AttendTokens}
 * @param tokens of a prompt; those of other prompts may differ if the result {@link Images#suits suits} them
 * @param destination receives the shared image; where it consists of new tensors, they lie in the workspace
 */
public record ShareImage(
        DenseImages image,
        Projection key,
        Projection value,
        Projection query,
        int tokens,
        int heads,
        Consumer<Images> destination)
        implements FusedOp {
    @Override
    public void unfused(Ops ops) {
        Tensor at = ops.add(image.x(), image.positions());
        DenseImages.Projected projected =
                new DenseImages.Projected(key.forward(ops, at), value.forward(ops, image.x()), query.forward(ops, at));
        destination.accept(new DenseImages(image.x(), image.positions(), projected));
    }
}
