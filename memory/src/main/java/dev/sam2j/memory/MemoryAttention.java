package dev.sam2j.memory;

import dev.sam2j.configs.MemoryAttentionConfig;
import dev.sam2j.configs.PositionEncodingConfig;
import dev.sam2j.configs.Sam2Config;
import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Section;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import dev.sam2j.tensor.nn.LayerNorm;
import dev.sam2j.tensor.nn.SinePositionEncoding;
import dev.sam2j.tensor.weights.Weights;
import java.util.ArrayList;
import java.util.List;

/** Conditions the features of a frame on what each object left in memory. */
public final class MemoryAttention {
    private static final float POSITION_WEIGHT = 0.1f;

    private final List<MemoryAttentionLayer> layers = new ArrayList<>();
    private final LayerNorm norm;
    private final Lazy<Tensor> positions; // (1, h*w, C)
    private final Lazy<Tensor> rotary; // (h*w, C)

    /** Memory attention at {@code weights} ({@code memory_attention}). */
    public MemoryAttention(Weights weights, Sam2Config config) {
        MemoryAttentionConfig attention = config.memoryAttention();
        int channels = config.hiddenDim();
        int side = config.embeddingSize();
        for (int i = 0; i < attention.numLayers(); i++) {
            layers.add(new MemoryAttentionLayer(
                    weights.at("layers").at(i),
                    channels,
                    config.memoryDim(),
                    attention.layer().dimFeedforward()));
        }
        this.norm = new LayerNorm(weights.at("norm"), channels, MemoryAttentionLayer.EPS);
        PositionEncodingConfig encoding = config.imageEncoder().neck().positionEncoding();
        this.positions = weights.constant(
                Shape.of(1, side * side, channels),
                () -> SinePositionEncoding.table(side, side, channels, encoding.temperature(), encoding.scale()));
        double theta = attention.layer().selfAttention().ropeTheta();
        this.rotary = weights.constant(Shape.of(side * side, channels), () -> RotaryTable.of(side, channels, theta));
    }

    /**
     * The features of one frame as each of B objects sees them. The first self-attention knows nothing of the objects
     * and is computed once.
     *
     * @param embedding raw features of the frame, (1, h, w, C)
     * @param memories one per object
     * @return (B, h, w, C)
     */
    public Tensor forward(Ops ops, Tensor embedding, List<MemoryTokens> memories) {
        int batch = memories.size();
        int channels = embedding.dim(3);
        int tokens = embedding.dim(1) * embedding.dim(2);
        Tensor result = ops.empty(batch, embedding.dim(1), embedding.dim(2), channels);
        List<Tensor> operands = new ArrayList<>(List.of(embedding, result));
        memories.forEach(memory -> operands.addAll(List.of(memory.tokens(), memory.positions())));
        List<Integer> pointers =
                memories.stream().map(MemoryTokens::pointerTokens).toList();
        ops.capture(
                new Section("memory attention", this, pointers),
                () -> condition(ops, embedding, memories, result.reshape(batch, tokens, channels)),
                operands.toArray(new Tensor[0]));
        return result;
    }

    /** What runs through all layers stays float32, as in the image encoder. */
    private void condition(Ops ops, Tensor embedding, List<MemoryTokens> memories, Tensor result) {
        int tokens = result.dim(1);
        int channels = result.dim(2);
        Tensor x = ops.emptyF32(result.dim(0), tokens, channels);
        try (Workspace.Frame frame = ops.frame()) {
            Tensor first = ops.emptyF32(1, tokens, channels);
            ops.add(embedding.reshape(1, tokens, channels), 1, positions.get(), POSITION_WEIGHT, first);
            layers.get(0).attendToFrame(ops, first, rotary.get());
            ops.copy(first, x);
        }
        for (int i = 0; i < layers.size(); i++) {
            if (i > 0) {
                layers.get(i).attendToFrame(ops, x, rotary.get());
            }
            layers.get(i).attendToMemories(ops, x, memories, rotary.get());
        }
        norm.forwardInto(ops, x, result);
    }
}
