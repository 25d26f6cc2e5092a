package dev.sam2j.tensor.fused;

import static dev.sam2j.tensor.Checks.check;
import static dev.sam2j.tensor.Checks.checkShape;

import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;

/**
 * Images as tensors.
 *
 * @param x (B, N, C)
 * @param positions embedding of each position, added to the image for keys and queries, (1, N, C)
 * @param projected projections of an image that prompts share, where they have been computed beforehand, or null
 */
public record DenseImages(Tensor x, Tensor positions, Projected projected) implements Images {
    /**
     * What the first layers make of an image, which {@link AttendImage} and {@link AttendTokens} then need not project.
     *
     * @param keys for tokens that attend to the image, (1, N, inner)
     * @param values likewise
     * @param queries for the image's attention to tokens, (1, N, inner)
     */
    public record Projected(Tensor keys, Tensor values, Tensor queries) {}

    /**
     * Checks the operands.
     *
     * @throws IllegalArgumentException if the positions do not fit the images
     */
    public DenseImages {
        check(x.shape().rank() == 3, "images", "embeddings", "(B, N, C)", x.shape());
        checkShape("images", "positions", positions, 1, x.dim(1), x.cols());
    }

    /** Images that have not been projected. */
    public DenseImages(Tensor x, Tensor positions) {
        this(x, positions, null);
    }

    @Override
    public int batch() {
        return x.dim(0);
    }

    @Override
    public int pixels() {
        return x.dim(1);
    }

    @Override
    public int channels() {
        return x.cols();
    }

    @Override
    public DenseImages slice(int from, int to) {
        return new DenseImages(x.slice(from, to), positions);
    }

    @Override
    public boolean suits(int tokens) {
        return true;
    }

    @Override
    public DenseImages expand(int batch, int tokens, Workspace workspace) {
        return new DenseImages(workspace.allocate(Shape.of(batch, pixels(), channels())), positions);
    }

    @Override
    public Tensor[] tensors() {
        return projected == null
                ? new Tensor[] {x, positions}
                : new Tensor[] {x, positions, projected.keys(), projected.values(), projected.queries()};
    }
}
