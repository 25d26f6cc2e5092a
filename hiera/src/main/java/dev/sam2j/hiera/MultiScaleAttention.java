package dev.sam2j.hiera;

import dev.sam2j.configs.HieraConfig;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.AttentionSpec.Windows;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.nn.Linear;
import dev.sam2j.tensor.weights.Weights;

/** Self-attention inside windows or over the whole grid, with queries pooled 2x2 where the stage changes. */
final class MultiScaleAttention {
    private final Linear qkv;
    private final Linear proj;
    private final HieraConfig.Block block;

    MultiScaleAttention(Weights weights, HieraConfig.Block block) {
        this.qkv = new Linear(weights.at("qkv"), block.dimIn(), 3 * block.dimOut());
        this.proj = new Linear(weights.at("proj"), block.dimOut(), block.dimOut());
        this.block = block;
    }

    /** Queries, keys and values, uninitialised, of tokens (B, H, W, D): (B, H, W, 3*O). */
    Tensor empty(Ops ops, Tensor tokens) {
        return ops.empty(tokens.dim(0), tokens.dim(1), tokens.dim(2), 3 * block.dimOut());
    }

    /** Computes queries, keys and values of normalised tokens (B, H, W, D). */
    void project(Ops ops, Tensor normalised, Tensor projected) {
        qkv.forwardInto(ops, normalised, projected);
    }

    /** Adds the attention of projected tokens (B, H, W, 3*O) to {@code residual} (B, H', W', O), where it lies. */
    void addTo(Ops ops, Tensor projected, Tensor residual) {
        int batch = projected.dim(0);
        int height = projected.dim(1);
        int width = projected.dim(2);
        int dim = block.dimOut();
        Tensor q = projected.columns(0, dim);
        Tensor k = projected.columns(dim, 2 * dim).reshape(batch, height * width, dim);
        Tensor v = projected.columns(2 * dim, 3 * dim).reshape(batch, height * width, dim);
        int pooling = block.pooled() ? 2 : 1;
        if (block.pooled()) {
            q = ops.maxPool2d(q); // (B, H/2, W/2, O)
        }
        q = q.reshape(batch, q.dim(1) * q.dim(2), dim);
        Tensor attended = ops.attention(q, k, v, spec(height, width, pooling));
        proj.forwardAdd(ops, attended, residual, residual);
    }

    private AttentionSpec spec(int height, int width, int pooling) {
        int dim = block.dimOut();
        if (block.global()) {
            return AttentionSpec.global(block.numHeads(), dim);
        }
        // A position beyond the grid is a zero row before qkv, so its key and value are the biases.
        Tensor padKey = qkv.bias().columns(dim, 2 * dim);
        Tensor padValue = qkv.bias().columns(2 * dim, 3 * dim);
        Windows windows = new Windows(height, width, block.windowSize(), pooling, padKey, padValue);
        return AttentionSpec.windowed(block.numHeads(), dim, windows);
    }
}
