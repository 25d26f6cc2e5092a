package dev.sam2j.hiera;

import dev.sam2j.configs.HieraConfig;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import dev.sam2j.tensor.nn.LayerNorm;
import dev.sam2j.tensor.nn.Linear;
import dev.sam2j.tensor.nn.Mlp;
import dev.sam2j.tensor.weights.Weights;

/**
 * A transformer block. Where the stage changes, the width grows and the grid halves: the shortcut is then the
 * normalised input, projected and max-pooled.
 */
final class MultiScaleBlock {
    private static final float EPS = 1e-6f;

    private final HieraConfig.Block block;
    private final LayerNorm norm1;
    private final MultiScaleAttention attn;
    private final Linear proj;
    private final LayerNorm norm2;
    private final Mlp mlp;

    MultiScaleBlock(Weights weights, HieraConfig.Block block) {
        int dim = block.dimOut();
        this.block = block;
        this.norm1 = new LayerNorm(weights.at("norm1"), block.dimIn(), EPS);
        this.attn = new MultiScaleAttention(weights.at("attn"), block);
        this.proj = block.dimIn() == dim ? null : new Linear(weights.at("proj"), block.dimIn(), dim);
        this.norm2 = new LayerNorm(weights.at("norm2"), dim, EPS);
        this.mlp = new Mlp(weights.at("mlp"), dim, HieraConfig.MLP_RATIO * dim, dim, 2, Activation.GELU);
    }

    /** Whether the output has another shape than the input. */
    boolean changesShape() {
        return proj != null || block.pooled();
    }

    /** Float32 tokens (B, H, W, D) to {@code y} (B, H', W', O), which is {@code x} itself where the shape stays. */
    void forward(Ops ops, Tensor x, Tensor y) {
        try (Workspace.Frame frame = ops.frame()) {
            Tensor projected = attn.empty(ops, x);
            try (Workspace.Frame inner = ops.frame()) { // the normalised tokens make room for the attention's result
                Tensor normalised = norm1.forward(ops, x);
                if (changesShape()) {
                    shortcut(ops, normalised, projected.columns(0, block.dimOut()), y);
                }
                attn.project(ops, normalised, projected);
            }
            attn.addTo(ops, projected, y);
        }
        try (Workspace.Frame frame = ops.frame()) {
            mlp.forwardAdd(ops, norm2.forward(ops, y), null, y, y);
        }
    }

    /** Fills {@code y}; {@code scratch} (B, H, W, O) is free to use. */
    private void shortcut(Ops ops, Tensor normalised, Tensor scratch, Tensor y) {
        Tensor projected = normalised;
        if (proj != null) {
            proj.forwardInto(ops, normalised, scratch);
            projected = scratch;
        }
        if (block.pooled() && y.dtype() == projected.dtype()) {
            ops.maxPool2d(projected, y);
        } else {
            ops.copy(block.pooled() ? ops.maxPool2d(projected) : projected, y);
        }
    }
}
