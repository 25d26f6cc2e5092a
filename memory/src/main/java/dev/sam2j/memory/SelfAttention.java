package dev.sam2j.memory;

import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.nn.Linear;
import dev.sam2j.tensor.weights.Weights;

/** Single-head attention among the positions of the current frame, with rotary positions on queries and keys. */
final class SelfAttention {
    private final Linear q;
    private final Linear k;
    private final Linear v;
    private final Linear out;
    private final AttentionSpec spec;

    SelfAttention(Weights weights, int channels) {
        this.q = new Linear(weights.at("q_proj"), channels, channels);
        this.k = new Linear(weights.at("k_proj"), channels, channels);
        this.v = new Linear(weights.at("v_proj"), channels, channels);
        this.out = new Linear(weights.at("out_proj"), channels, channels);
        this.spec = AttentionSpec.global(1, channels);
    }

    /** Adds the attention of normalised tokens (B, N, C) to {@code x}, where it lies. */
    void addTo(Ops ops, Tensor normalised, Tensor rotary, Tensor x) {
        Tensor queries = q.forward(ops, normalised);
        Tensor keys = k.forward(ops, normalised);
        ops.rotary(queries, rotary, queries);
        ops.rotary(keys, rotary, keys);
        out.forwardAdd(ops, ops.attention(queries, keys, v.forward(ops, normalised), spec), x, x);
    }
}
