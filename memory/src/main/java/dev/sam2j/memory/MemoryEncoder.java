package dev.sam2j.memory;

import dev.sam2j.configs.MemoryEncoderConfig;
import dev.sam2j.configs.PositionEncodingConfig;
import dev.sam2j.configs.Sam2Config;
import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Section;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import dev.sam2j.tensor.nn.Linear;
import dev.sam2j.tensor.nn.SinePositionEncoding;
import dev.sam2j.tensor.weights.Weights;
import java.util.ArrayList;
import java.util.List;

/** Makes a memory of a frame: its features fused with the mask of each object. */
public final class MemoryEncoder {
    private final MaskDownsampler maskDownsampler;
    private final Linear pixFeatProj;
    private final List<FuserBlock> fuser = new ArrayList<>();
    private final Linear outProj;
    private final Lazy<Tensor> positions; // (h*w, Cm)
    private final int memoryChannels;

    /** A memory encoder at {@code weights} ({@code memory_encoder}). */
    public MemoryEncoder(Weights weights, Sam2Config config) {
        MemoryEncoderConfig encoder = config.memoryEncoder();
        int channels = config.hiddenDim();
        int side = config.embeddingSize();
        this.memoryChannels = config.memoryDim();
        this.maskDownsampler = new MaskDownsampler(weights.at("mask_downsampler"), encoder.maskDownsampler(), channels);
        this.pixFeatProj = Linear.conv1x1(weights.at("pix_feat_proj"), channels, channels);
        for (int i = 0; i < encoder.fuser().numLayers(); i++) {
            fuser.add(new FuserBlock(weights.at("fuser.layers").at(i), channels));
        }
        this.outProj = Linear.conv1x1(weights.at("out_proj"), channels, memoryChannels);
        PositionEncodingConfig encoding = encoder.positionEncoding();
        this.positions = weights.constant(
                Shape.of(side * side, memoryChannels),
                () -> SinePositionEncoding.table(side, side, memoryChannels, encoding.temperature(), encoding.scale()));
    }

    /**
     * Encodes the masks of B objects on one frame.
     *
     * @param embedding raw features of the frame, (1, h, w, C): without the no-memory embedding, not conditioned on
     *     memories
     * @param masks mask probabilities or binary masks, scaled and shifted for the encoder, (B, 16h, 16w, 1)
     * @return (B, h, w, Cm), not yet rounded
     */
    public Tensor forward(Ops ops, Tensor embedding, Tensor masks) {
        int batch = masks.dim(0);
        Tensor result = ops.empty(batch, embedding.dim(1), embedding.dim(2), memoryChannels);
        ops.capture(
                Section.of("memory encoder", this),
                () -> encode(ops, embedding, masks, result),
                embedding,
                masks,
                result);
        return result;
    }

    private void encode(Ops ops, Tensor embedding, Tensor masks, Tensor result) {
        Tensor fused = ops.empty(masks.dim(0), embedding.dim(1), embedding.dim(2), embedding.dim(3));
        try (Workspace.Frame frame = ops.frame()) {
            maskDownsampler.forwardAdd(ops, masks, pixFeatProj.forward(ops, embedding), fused);
        }
        fuser.forEach(block -> block.forward(ops, fused));
        outProj.forwardInto(ops, fused, result);
    }

    /** Encodings of the positions of a memory, (h*w, Cm). */
    public Tensor positions() {
        return positions.get();
    }
}
