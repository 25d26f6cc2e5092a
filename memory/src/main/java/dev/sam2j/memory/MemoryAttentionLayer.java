package dev.sam2j.memory;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import dev.sam2j.tensor.nn.LayerNorm;
import dev.sam2j.tensor.nn.Linear;
import dev.sam2j.tensor.nn.Mlp;
import dev.sam2j.tensor.weights.Weights;
import java.util.List;

/**
 * One layer of memory attention: within the frame, to the memories, perceptron; each on the normalised input, each
 * added.
 */
final class MemoryAttentionLayer {
    static final float EPS = 1e-5f;

    private final SelfAttention selfAttn;
    private final MemoryCrossAttention crossAttn;
    private final Mlp mlp;
    private final LayerNorm norm1;
    private final LayerNorm norm2;
    private final LayerNorm norm3;

    MemoryAttentionLayer(Weights weights, int channels, int memoryChannels, int width) {
        this.selfAttn = new SelfAttention(weights.at("self_attn"), channels);
        this.crossAttn = new MemoryCrossAttention(weights.at("cross_attn_image"), channels, memoryChannels);
        this.mlp = new Mlp(
                Activation.RELU,
                new Linear(weights.at("linear1"), channels, width),
                new Linear(weights.at("linear2"), width, channels));
        this.norm1 = new LayerNorm(weights.at("norm1"), channels, EPS);
        this.norm2 = new LayerNorm(weights.at("norm2"), channels, EPS);
        this.norm3 = new LayerNorm(weights.at("norm3"), channels, EPS);
    }

    /** Self-attention of x (B, N, C), added where it lies. */
    void attendToFrame(Ops ops, Tensor x, Tensor rotary) {
        try (Workspace.Frame frame = ops.frame()) {
            selfAttn.addTo(ops, norm1.forward(ops, x), rotary, x);
        }
    }

    /** Attention of x (B, N, C) to one memory per entry, then the perceptron, added where x lies. */
    void attendToMemories(Ops ops, Tensor x, List<MemoryTokens> memories, Tensor rotary) {
        try (Workspace.Frame frame = ops.frame()) {
            crossAttn.addTo(ops, norm2.forward(ops, x), memories, rotary, x);
        }
        try (Workspace.Frame frame = ops.frame()) {
            mlp.forwardAdd(ops, norm3.forward(ops, x), null, x, x);
        }
    }
}
