package dev.sam2j.heads;

import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.AttendImage;
import dev.sam2j.tensor.fused.AttendTokens;
import dev.sam2j.tensor.fused.Images;
import dev.sam2j.tensor.fused.Projection;
import dev.sam2j.tensor.nn.LayerNorm;
import dev.sam2j.tensor.nn.Linear;
import dev.sam2j.tensor.weights.Weights;

/** Multi-head attention with projections, which may narrow the width inside. */
final class Attention {
    static final int HEADS = 8;

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

    /** {@code residual + attention} of tokens (B, T, C) to images. */
    Tensor toImageAdd(Ops ops, Tensor queries, Images images, Tensor residual) {
        Tensor projected = q.forward(ops, queries);
        Tensor attended = ops.workspace().allocate(projected.shape());
        ops.run(new AttendImage(projected, images, k.projection(), v.projection(), HEADS, attended));
        return addTo(ops, attended, residual);
    }

    /** Replaces images by {@code norm(image + attention)} to tokens (B, T, C), in {@code destination}. */
    void toTokens(Ops ops, Images images, Tensor keys, Tensor values, LayerNorm norm, Images destination) {
        Tensor projectedKeys = k.forward(ops, keys);
        Tensor projectedValues = v.forward(ops, values);
        ops.run(new AttendTokens(
                images,
                projectedKeys,
                projectedValues,
                q.projection(),
                out.projection(),
                HEADS,
                norm.norm(),
                destination));
    }

    /** From what attends to queries, (inner, C). */
    Projection query() {
        return q.projection();
    }

    /** From what is attended to to keys, (inner, C). */
    Projection key() {
        return k.projection();
    }

    /** From what is attended to to values, (inner, C). */
    Projection value() {
        return v.projection();
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
