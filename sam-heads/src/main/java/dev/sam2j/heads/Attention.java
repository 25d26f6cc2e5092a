package dev.sam2j.heads;

import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Weights;
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

    /** Queries (B, N, C), keys and values (B or 1, M, C); the result is (B, N, C). */
    Tensor forward(Ops ops, Tensor queries, Tensor keys, Tensor values) {
        return out.forward(ops, attend(ops, queries, keys, values));
    }

    /**
     * {@code residual + attention}, (B, N, C). Queries and residual with a batch of 1 are shared by all entries of the
     * keys.
     */
    Tensor forwardAdd(Ops ops, Tensor queries, Tensor keys, Tensor values, Tensor residual) {
        Tensor attended = attend(ops, queries, keys, values);
        Tensor result = ops.empty(attended.dim(0), attended.dim(1), residual.cols());
        out.forwardAdd(ops, attended, residual, result);
        return result;
    }

    private Tensor attend(Ops ops, Tensor queries, Tensor keys, Tensor values) {
        Tensor projected = q.forward(ops, queries);
        if (projected.dim(0) < keys.dim(0)) {
            projected = ops.repeat(projected, keys.dim(0));
        }
        return ops.attention(projected, k.forward(ops, keys), v.forward(ops, values), spec);
    }
}
