package dev.sam2j.training.model;

import dev.sam2j.training.grad.GradOps;
import dev.sam2j.training.grad.ParameterStore;
import dev.sam2j.training.grad.Var;

/** Multi-head attention with projections, which may narrow the width inside. */
final class Attention {
    private static final int HEADS = 8;

    private final Linear q;
    private final Linear k;
    private final Linear v;
    private final Linear out;

    Attention(ParameterStore.Path path, int channels, int inner) {
        this.q = Linear.of(path.at("q_proj"), channels, inner);
        this.k = Linear.of(path.at("k_proj"), channels, inner);
        this.v = Linear.of(path.at("v_proj"), channels, inner);
        this.out = Linear.of(path.at("out_proj"), inner, channels);
    }

    /** Queries (B, Nq, C) attend to keys and values (B or 1, Nk, C); the result is like the queries. */
    Var forward(GradOps ops, Var queries, Var keys, Var values) {
        return out.forward(ops, attend(ops, q.forward(ops, queries), keys, values));
    }

    /** {@code residual + attention}. */
    Var forwardAdd(GradOps ops, Var queries, Var keys, Var values, Var residual) {
        return out.forwardAdd(ops, attend(ops, q.forward(ops, queries), keys, values), residual);
    }

    /** {@code residual + attention} where queries and residual (1, Nq, C) may be the same for all entries. */
    Var forwardAddShared(GradOps ops, Var queries, Var keys, Var values, Var residual) {
        Var projected = ops.repeat(q.forward(ops, queries), keys.dim(0) / queries.dim(0));
        return out.forwardAdd(ops, attend(ops, projected, keys, values), residual);
    }

    private Var attend(GradOps ops, Var queries, Var keys, Var values) {
        return ops.attention(queries, k.forward(ops, keys), v.forward(ops, values), HEADS);
    }
}
