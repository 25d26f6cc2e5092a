package dev.sam2j.heads;

import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Weights;
import dev.sam2j.tensor.nn.LayerNorm;
import dev.sam2j.tensor.nn.Linear;

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

    /** {@code residual + attention} of tokens (B, T, C) to an image. */
    Tensor toImageAdd(Ops ops, Tensor queries, TwoWayImage image, Tensor residual) {
        return addTo(ops, image.attend(ops, q.forward(ops, queries), this), residual);
    }

    /** Replaces an image by {@code norm(image + attention)} to tokens (B, T, C). */
    void toTokens(Ops ops, TwoWayImage image, Tensor keys, Tensor values, LayerNorm norm) {
        image.update(ops, k.forward(ops, keys), v.forward(ops, values), this, norm.norm());
    }

    /** From what attends to queries, (inner, C). */
    Linear query() {
        return q;
    }

    /** From what is attended to to keys, (inner, C). */
    Linear key() {
        return k;
    }

    /** From what is attended to to values, (inner, C). */
    Linear value() {
        return v;
    }

    /** From weighted sums of values to the result, (C, inner). */
    Linear output() {
        return out;
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
