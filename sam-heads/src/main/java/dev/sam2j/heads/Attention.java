package dev.sam2j.heads;

import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Weights;
import dev.sam2j.tensor.nn.LayerNorm;
import dev.sam2j.tensor.nn.Linear;

/** Multi-head attention with projections, which may narrow the width inside. */
final class Attention {
    private static final int HEADS = 8;

    private final Linear q;
    private final Linear k;
    private final Linear v;
    private final Linear out;
    private final AttentionSpec spec;

    Attention(Weights weights, int channels, int inner) {
        this.q = new Linear(weights.at("q_proj"), channels, inner);
        this.k = new Linear(weights.at("k_proj"), channels, inner);
        this.v = new Linear(weights.at("v_proj"), channels, inner);
        this.out = new Linear(weights.at("out_proj"), inner, channels);
        this.spec = AttentionSpec.global(HEADS, inner);
    }

    /** Tokens that attend to each other: all (B, T, C); the result is too. */
    Tensor forward(Ops ops, Tensor queries, Tensor keys, Tensor values) {
        return out.forward(ops, attend(ops, queries, keys, values));
    }

    /** {@code residual + attention}, (B, T, C). */
    Tensor forwardAdd(Ops ops, Tensor queries, Tensor keys, Tensor values, Tensor residual) {
        return addTo(ops, attend(ops, queries, keys, values), residual);
    }

    /**
     * {@code residual + attention} of tokens (B, T, C) to an image (B or 1, N, C), whose keys are at
     * {@code positions}, (1, N, C).
     */
    Tensor toImageAdd(Ops ops, Tensor queries, Tensor image, Tensor positions, Tensor residual) {
        Tensor attended =
                ops.attendImage(q.forward(ops, queries), image, positions, k.projection(), v.projection(), HEADS);
        return addTo(ops, attended, residual);
    }

    /**
     * {@code norm(image + attention)} of an image (B or 1, N, C), whose queries are at {@code positions}, (1, N, C), to
     * tokens (B, T, C).
     *
     * @param destination (B, N, C), may be the image
     */
    void toTokens(
            Ops ops, Tensor image, Tensor positions, Tensor keys, Tensor values, LayerNorm norm, Tensor destination) {
        ops.attendTokens(
                image,
                positions,
                k.forward(ops, keys),
                v.forward(ops, values),
                q.projection(),
                out.projection(),
                HEADS,
                norm.norm(),
                destination);
    }

    /** Keys (1, N, inner) of an image whose keys are at positions: {@code at} is their sum, (1, N, C). */
    Tensor projectKeys(Ops ops, Tensor at) {
        return k.forward(ops, at);
    }

    /** Values (1, N, inner) of an image (1, N, C). */
    Tensor projectValues(Ops ops, Tensor image) {
        return v.forward(ops, image);
    }

    /** Queries (1, N, inner) of an image whose queries are at positions: {@code at} is their sum, (1, N, C). */
    Tensor projectQueries(Ops ops, Tensor at) {
        return q.forward(ops, at);
    }

    /**
     * {@link #toImageAdd} with the image's projections: keys and values (1, N, inner) that the tokens of all prompts
     * attend to.
     */
    Tensor toProjectedAdd(Ops ops, Tensor queries, Tensor keys, Tensor values, Tensor residual) {
        Tensor projected = q.forward(ops, queries);
        Tensor together = projected.reshape(1, projected.dim(0) * projected.dim(1), projected.cols());
        Tensor attended = ops.attention(together, keys, values, spec)
                .reshape(projected.dim(0), projected.dim(1), projected.cols());
        return addTo(ops, attended, residual);
    }

    /** {@link #toTokens} with the image's queries (1, N, inner). */
    void projectedToTokens(
            Ops ops,
            Tensor image,
            Tensor imageQueries,
            Tensor keys,
            Tensor values,
            LayerNorm norm,
            Tensor destination) {
        ops.attendTokens(
                image,
                imageQueries,
                k.forward(ops, keys),
                v.forward(ops, values),
                out.projection(),
                HEADS,
                norm.norm(),
                destination);
    }

    private Tensor attend(Ops ops, Tensor queries, Tensor keys, Tensor values) {
        return ops.attention(q.forward(ops, queries), k.forward(ops, keys), v.forward(ops, values), spec);
    }

    private Tensor addTo(Ops ops, Tensor attended, Tensor residual) {
        Tensor result = ops.empty(attended.dim(0), attended.dim(1), residual.cols());
        out.forwardAdd(ops, attended, residual, result);
        return result;
    }
}
