package dev.sam2j.memory;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.nn.Conv2d;
import dev.sam2j.tensor.weights.Weights;

/** The parts of a model that write and read memories. */
public final class MemoryModel {
    private static final Conv2dSpec MASK_PROMPT = new Conv2dSpec(4, 4, 0);

    private final MemoryAttention attention;
    private final MemoryEncoder encoder;
    private final ObjectPointers pointers;
    private final Conv2d maskPrompt;
    private final Lazy<Tensor> temporalPositions; // (numMaskmem, 1, 1, Cm)
    private final Lazy<Tensor> noObject; // (1, Cm), or null

    /** The memory of a model whose parameters lie at the root of a checkpoint. */
    public MemoryModel(Weights root, Sam2Config config) {
        int memoryChannels = config.memoryDim();
        this.attention = new MemoryAttention(root.at("memory_attention"), config);
        this.encoder = new MemoryEncoder(root.at("memory_encoder"), config);
        this.pointers = new ObjectPointers(root, config);
        this.maskPrompt = new Conv2d(root.at("mask_downsample"), 1, 1, MASK_PROMPT);
        this.temporalPositions = root.tensor(root.get("maskmem_tpos_enc", config.numMaskmem(), 1, 1, memoryChannels));
        this.noObject =
                config.noObjEmbedSpatial() ? root.tensor(root.get("no_obj_embed_spatial", 1, memoryChannels)) : null;
        // Stored in every checkpoint, but only read by a variant of the model that was never released.
        root.get("no_mem_pos_enc", 1, 1, config.hiddenDim());
    }

    /** Conditions features on memories. */
    public MemoryAttention attention() {
        return attention;
    }

    /** Makes memories. */
    public MemoryEncoder encoder() {
        return encoder;
    }

    /** Makes and places object pointers. */
    public ObjectPointers pointers() {
        return pointers;
    }

    /** Shrinks a mask prompt (B, S, S, 1) of zeros and ones to the decoder's mask input, (B, S/4, S/4, 1). */
    public Tensor maskPrompt(Ops ops, Tensor mask) {
        return maskPrompt.forward(ops, mask);
    }

    /**
     * What is added to the positions of a remembered map, (1, Cm).
     *
     * @param row distance in frames minus 1 for recent frames, the last row for conditioning frames
     */
    public Tensor temporalPosition(int row) {
        Tensor table = temporalPositions.get();
        return table.reshape(table.rows(), table.cols()).slice(row, row + 1);
    }

    /** What is added to the memory of a frame without the object, (1, Cm), or null for a SAM 2.0 model. */
    public Tensor noObject() {
        return noObject == null ? null : noObject.get();
    }
}
