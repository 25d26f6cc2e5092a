package dev.sam2j.configs;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Hiera trunk: a patch embedding of stride 4 and four stages of transformer blocks, each stage after the first at half
 * the resolution of the one before. Names follow the YAML; {@link #blocks()} gives what each block needs.
 *
 * @param embedDim channels of stage 0
 * @param numHeads attention heads of stage 0, a divisor of {@code embedDim}
 * @param stages blocks per stage, four entries
 * @param globalAttBlocks indices of the blocks that attend to the whole map
 * @param windowPosEmbedBkgHeight height of the stored background position embedding
 *        (first entry of {@code window_pos_embed_bkg_spatial_size})
 * @param windowPosEmbedBkgWidth width of the same
 * @param windowSpec side of the attention window per stage, in tokens
 * @param qPool number of stage changes that pool their queries; only 3, all of them, is supported
 * @param qStride side of that pooling; only 2 ({@code [2, 2]}) is supported
 * @param dimMul factor of the channels at a stage change
 * @param headMul factor of the heads at a stage change
 */
public record HieraConfig(
        int embedDim,
        int numHeads,
        List<Integer> stages,
        List<Integer> globalAttBlocks,
        int windowPosEmbedBkgHeight,
        int windowPosEmbedBkgWidth,
        List<Integer> windowSpec,
        int qPool,
        int qStride,
        double dimMul,
        double headMul) {

    /** Kernel side of the patch embedding. */
    public static final int PATCH_KERNEL = 7;
    /** Stride of the patch embedding: the trunk's first grid is a quarter of the image side. */
    public static final int PATCH_STRIDE = 4;
    /** Zero padding of the patch embedding. */
    public static final int PATCH_PADDING = 3;
    /** Hidden width of a block's MLP over its channels; fixed in the reference, not a YAML key. */
    public static final int MLP_RATIO = 4;
    /** Number of stages the neck and the heads are made for. */
    public static final int STAGES = 4;

    /** Bound on any channel count, far above every published model; keeps a wrong file from exhausting memory. */
    static final int MAX_CHANNELS = 1 << 14;

    private static final int MAX_DEPTH = 512;
    private static final int MAX_WINDOW = 1024;

    /**
     * One block of the trunk.
     *
     * @param index position in the trunk, from 0
     * @param stage stage the block belongs to, from 0
     * @param dimIn channels of the input
     * @param dimOut channels of the output, unequal to {@code dimIn} only at a stage change
     * @param numHeads attention heads, each of {@code dimOut / numHeads} channels
     * @param windowSize window side on the block's INPUT grid, or 0 for attention over the whole map. It lags one
     *        block: the first block of a stage still has the window of the stage before
     * @param pooled whether queries and shortcut are max-pooled 2x2, so that the output grid is half the input grid
     */
    public record Block(int index, int stage, int dimIn, int dimOut, int numHeads, int windowSize, boolean pooled) {

        /** Returns the channels of one attention head. */
        public int headDim() {
            return dimOut / numHeads;
        }

        /** Returns whether the block attends to the whole map. */
        public boolean global() {
            return windowSize == 0;
        }

        /** Returns the window side on the OUTPUT grid: half of {@link #windowSize()} where the block pools. */
        public int outputWindowSize() {
            return pooled ? windowSize / 2 : windowSize;
        }
    }

    /** Checks the ranges given at the components; throws {@link IllegalArgumentException} naming the YAML key. */
    public HieraConfig {
        stages = List.copyOf(stages);
        globalAttBlocks = List.copyOf(globalAttBlocks);
        windowSpec = List.copyOf(windowSpec);
        Check.range("embed_dim", embedDim, 1, MAX_CHANNELS);
        Check.range("num_heads", numHeads, 1, embedDim);
        Check.that(stages.size() == STAGES, "stages", "expected " + STAGES + " entries, got " + stages);
        for (int blocks : stages) {
            Check.range("stages", blocks, 1, MAX_DEPTH);
        }
        int depth = sum(stages);
        Check.that(depth <= MAX_DEPTH, "stages", "expected at most " + MAX_DEPTH + " blocks in all, got " + depth);
        Check.that(windowSpec.size() == STAGES, "window_spec", "expected " + STAGES + " entries, got " + windowSpec);
        for (int window : windowSpec) {
            Check.range("window_spec", window, 1, MAX_WINDOW);
        }
        for (int block : globalAttBlocks) {
            Check.that(
                    block >= 0 && block < depth,
                    "global_att_blocks",
                    "there is no block " + block + ", the trunk has blocks 0.." + (depth - 1));
        }
        Check.range("window_pos_embed_bkg_spatial_size", windowPosEmbedBkgHeight, 1, MAX_WINDOW);
        Check.range("window_pos_embed_bkg_spatial_size", windowPosEmbedBkgWidth, 1, MAX_WINDOW);
        Check.only("q_pool", qPool, STAGES - 1);
        Check.only("q_stride", qStride, 2);
        Check.positive("dim_mul", dimMul);
        Check.positive("head_mul", headMul);
        for (Block block : blocks(embedDim, numHeads, stages, globalAttBlocks, windowSpec, dimMul, headMul)) {
            check(block);
        }
    }

    private static void check(Block block) {
        Check.range("dim_mul", block.dimOut(), 1, MAX_CHANNELS);
        Check.range("head_mul", block.numHeads(), 1, block.dimOut());
        Check.that(
                block.dimOut() % block.numHeads() == 0,
                "num_heads",
                "the " + block.dimOut() + " channels of stage " + block.stage() + " cannot be split into "
                        + block.numHeads() + " heads");
        Check.that(
                !block.pooled() || block.windowSize() % 2 == 0,
                "window_spec",
                "block " + block.index() + " pools its windows 2x2, which needs an even window, got "
                        + block.windowSize());
    }

    /** Returns the number of blocks. */
    public int depth() {
        return sum(stages);
    }

    /** Returns the index of the last block of each stage; their outputs are the trunk's outputs, finest first. */
    public List<Integer> stageEnds() {
        List<Integer> ends = new ArrayList<>();
        int end = -1;
        for (int blocks : stages) {
            end += blocks;
            ends.add(end);
        }
        return List.copyOf(ends);
    }

    /** Returns the channels of the outputs, finest (stride 4) first; the neck lists them the other way round. */
    public List<Integer> stageDims() {
        List<Block> blocks = blocks();
        return stageEnds().stream().map(end -> blocks.get(end).dimOut()).toList();
    }

    /** Returns the trunk's blocks in order. */
    public List<Block> blocks() {
        return blocks(embedDim, numHeads, stages, globalAttBlocks, windowSpec, dimMul, headMul);
    }

    private static List<Block> blocks(
            int embedDim,
            int numHeads,
            List<Integer> stages,
            List<Integer> global,
            List<Integer> windowSpec,
            double dimMul,
            double headMul) {
        List<Block> blocks = new ArrayList<>();
        int dim = embedDim;
        int heads = numHeads;
        for (int stage = 0; stage < stages.size(); stage++) {
            for (int i = 0; i < stages.get(stage); i++) {
                boolean change = stage > 0 && i == 0;
                int dimOut = change ? (int) (dim * dimMul) : dim;
                heads = change ? (int) (heads * headMul) : heads;
                int window = windowSpec.get(change ? stage - 1 : stage);
                int index = blocks.size();
                blocks.add(new Block(index, stage, dim, dimOut, heads, global.contains(index) ? 0 : window, change));
                dim = dimOut;
            }
        }
        return Collections.unmodifiableList(blocks);
    }

    private static int sum(List<Integer> stages) {
        return stages.stream().mapToInt(Integer::intValue).sum();
    }
}
