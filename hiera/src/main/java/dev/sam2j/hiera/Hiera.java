package dev.sam2j.hiera;

import dev.sam2j.configs.HieraConfig;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.weights.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * The hierarchical vision transformer: four stages of blocks, the grid halved and the width doubled between them. What
 * runs through all blocks stays float32: rounded to bfloat16 after every sum it would lose the small updates.
 */
public final class Hiera {
    /** Elements that may be lost between the tensors of a workspace. */
    private static final long ALIGNMENT = 1 << 12;

    private final List<Integer> stageEnds;
    private final List<HieraConfig.Block> shapes;
    private final PatchEmbed patchEmbed;
    private final List<MultiScaleBlock> blocks = new ArrayList<>();

    /** A trunk at {@code weights} for pictures of {@code imageSize x imageSize} pixels. */
    public Hiera(Weights weights, HieraConfig config, int imageSize) {
        this.stageEnds = config.stageEnds();
        this.shapes = config.blocks();
        this.patchEmbed = new PatchEmbed(weights, config, imageSize);
        for (HieraConfig.Block shape : shapes) {
            blocks.add(new MultiScaleBlock(weights.at("blocks").at(shape.index()), shape));
        }
    }

    /**
     * The output of each stage, finest first: (B, S/4, S/4, E), (B, S/8, S/8, 2E), (B, S/16, S/16, 4E), (B, S/32, S/32,
     * 8E), all float32.
     *
     * @param image normalised picture (B, S, S, 3)
     * @param observer sees {@code trunk.pos_embed}, {@code trunk.patch_embed} (with the former added) and
     *     {@code trunk.blocks.<i>}
     */
    public List<Tensor> forward(Ops ops, Tensor image, LayerObserver observer) {
        Tensor x = patchEmbed.forward(ops, image); // (B, S/4, S/4, E)
        observer.layer("trunk.pos_embed", patchEmbed.positions());
        observer.layer("trunk.patch_embed", x);
        List<Tensor> stages = new ArrayList<>();
        for (int i = 0; i < blocks.size(); i++) {
            MultiScaleBlock block = blocks.get(i);
            Tensor y = block.changesShape() ? output(ops, x, shapes.get(i)) : x;
            block.forward(ops, x, y);
            observer.layer("trunk.blocks." + i, y);
            if (stageEnds.contains(i)) {
                stages.add(y);
            }
            x = y;
        }
        return stages;
    }

    /** The most elements of a workspace in use at once, the picture (B, S, S, 3) included. */
    long workspace(int batch, int imageSize) {
        long tokens = (long) batch * imageSize * imageSize / (HieraConfig.PATCH_STRIDE * HieraConfig.PATCH_STRIDE);
        long held = (long) batch * imageSize * imageSize * 3
                + tokens * shapes.get(0).dimIn();
        long most = held;
        for (int i = 0; i < shapes.size(); i++) {
            HieraConfig.Block block = shapes.get(i);
            long outputs = block.pooled() ? tokens / 4 : tokens;
            held += blocks.get(i).changesShape() ? outputs * block.dimOut() : 0;
            // Queries, keys and values; then the normalised tokens, or the pooled queries and the attention's result.
            long rest = Math.max(tokens * block.dimIn(), outputs * block.dimOut() * (block.pooled() ? 2 : 1));
            most = Math.max(most, held + tokens * 3 * block.dimOut() + rest);
            tokens = outputs;
        }
        return most + ALIGNMENT;
    }

    private static Tensor output(Ops ops, Tensor x, HieraConfig.Block block) {
        int pooling = block.pooled() ? 2 : 1;
        return ops.emptyF32(x.dim(0), x.dim(1) / pooling, x.dim(2) / pooling, block.dimOut());
    }
}
