package dev.sam2j.hiera;

import dev.sam2j.configs.HieraConfig;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * The hierarchical vision transformer: four stages of blocks, the grid halved and the width doubled between them. What
 * runs through all blocks stays float32: rounded to bfloat16 after every sum it would lose the small updates.
 */
public final class Hiera {
    /** Elements that may be lost between the tensors of a workspace. */
    private static final long ALIGNMENT = 1 << 12;
    /** Part of a device's cache that one band of tokens may fill. */
    private static final double CACHE_SHARE = 0.7;

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
        int end;
        for (int i = 0; i < blocks.size(); i = end) {
            end = observer == LayerObserver.NONE ? endOfRun(i) : i + 1;
            Tensor y = blocks.get(end - 1).changesShape() ? output(ops, x, shapes.get(end - 1)) : x;
            int bands = observer == LayerObserver.NONE ? bands(ops, i, x) : 1;
            for (int band = 0; band < bands; band++) {
                forward(ops, i, end, band(x, band, bands), band(y, band, bands));
            }
            for (int done = i; done < end; done++) {
                Tensor result = done == end - 1 ? y : x;
                observer.layer("trunk.blocks." + done, result);
                if (stageEnds.contains(done)) {
                    stages.add(result);
                }
            }
            x = y;
        }
        return stages;
    }

    /** Runs blocks of which only the last may change the shape. */
    private void forward(Ops ops, int from, int end, Tensor x, Tensor y) {
        for (int i = from; i < end; i++) {
            blocks.get(i).forward(ops, x, i == end - 1 ? y : x);
        }
    }

    /** The end of the blocks from {@code first} on that see the same windows and nothing beyond them. */
    private int endOfRun(int first) {
        int end = first + 1;
        while (end < blocks.size()
                && !shapes.get(first).global()
                && !blocks.get(end - 1).changesShape()
                && shapes.get(end).windowSize() == shapes.get(first).windowSize()) {
            end++;
        }
        return end;
    }

    /**
     * Into how many bands of whole windows x (B, H, W, D) is cut for the run of blocks at {@code first}, so that what
     * one operation writes is in the device's cache when the next reads it.
     */
    private int bands(Ops ops, int first, Tensor x) {
        HieraConfig.Block block = shapes.get(first);
        long cache = ops.backend().cacheBytes();
        int window = block.windowSize();
        if (cache == 0 || block.global() || x.dim(1) % window != 0) {
            return 1;
        }
        // Float32 tokens; the normalised ones, the perceptron's hidden ones, and the sum's other term.
        long perToken = block.dimOut()
                * (Float.BYTES
                        + (2L + HieraConfig.MLP_RATIO)
                                * ops.backend().activationType().bytes());
        long tokens = (long) x.dim(1) * x.dim(2);
        int rows = x.dim(1) / window;
        int bands = 1;
        while (bands < rows && (rows % bands != 0 || tokens * perToken / bands > CACHE_SHARE * cache)) {
            bands++;
        }
        return bands == 1 ? 1 : x.dim(0) * bands;
    }

    /** Band {@code index} of {@code count} equal ones of x (B, H, W, D): (1, B*H / count, W, D). */
    private static Tensor band(Tensor x, int index, int count) {
        if (count == 1) {
            return x;
        }
        int rows = x.dim(0) * x.dim(1) / count;
        return x.reshape(x.dim(0) * x.dim(1), x.dim(2), x.dim(3))
                .slice(index * rows, (index + 1) * rows)
                .reshape(1, rows, x.dim(2), x.dim(3));
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
