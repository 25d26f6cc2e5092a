package dev.sam2j.memory;

import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.AttendMaps;
import dev.sam2j.tensor.nn.Linear;
import dev.sam2j.tensor.nn.Matrices;
import dev.sam2j.tensor.weights.Parameter;
import dev.sam2j.tensor.weights.Weights;
import java.util.List;

/**
 * Single-head attention of the current frame to the memories. The weights of a query sum to 1, so
 * {@code Wo (sum a_j (Wv m_j + bv)) + bo = (Wo Wv) (sum a_j m_j) + (Wo bv + bo)}: the values are the memories
 * themselves, at their own narrow width, and the two projections are one matrix.
 */
final class MemoryCrossAttention {
    private final Linear q;
    private final Linear k;
    private final Linear out;
    private final int memoryChannels;

    MemoryCrossAttention(Weights weights, int channels, int memoryChannels) {
        this.q = new Linear(weights.at("q_proj"), channels, channels);
        this.k = new Linear(weights.at("k_proj"), memoryChannels, channels);
        Parameter wv = weights.at("v_proj").get("weight", channels, memoryChannels);
        Parameter bv = weights.at("v_proj").get("bias", channels);
        Parameter wo = weights.at("out_proj").get("weight", channels, channels);
        Parameter bo = weights.at("out_proj").get("bias", channels);
        Lazy<PackedMatrix> weight = weights.matrix(
                channels, memoryChannels, () -> Matrices.product(wo.read(), wv.read(), null, channels, memoryChannels));
        Lazy<Tensor> bias = weights.constant(
                Shape.of(channels), () -> Matrices.product(wo.read(), bv.read(), bo.read(), channels, 1));
        this.out = new Linear(weight, bias);
        this.memoryChannels = memoryChannels;
    }

    /**
     * Adds the attention of normalised tokens (B, N, C) to {@code x}, where it lies.
     *
     * @param memories one per entry of the batch, of any lengths
     * @param rotary table of the grid, (N, C); each remembered map starts at its first row
     */
    void addTo(Ops ops, Tensor normalised, List<MemoryTokens> memories, Tensor rotary, Tensor x) {
        Tensor queries = q.forward(ops, normalised);
        ops.rotary(queries, rotary, queries);
        Tensor attended = ops.empty(x.dim(0), x.dim(1), memoryChannels);
        for (int i = 0; i < memories.size(); i++) {
            MemoryTokens memory = memories.get(i);
            ops.run(new AttendMaps(
                    queries.slice(i, i + 1),
                    memory.tokens(),
                    memory.positions(),
                    memory.pointerTokens(),
                    k.projection(),
                    rotary,
                    attended.slice(i, i + 1)));
        }
        out.forwardAdd(ops, attended, x, x);
    }
}
