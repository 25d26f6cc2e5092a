package dev.sam2j.cpu.decoder;

import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.math.Exp2;
import dev.sam2j.cpu.math.ScalarMath;
import dev.sam2j.cpu.products.Gemm;
import dev.sam2j.cpu.products.GemmKernel;
import dev.sam2j.cpu.products.PackedWeights;
import dev.sam2j.cpu.rows.RowKernels;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.cpu.runtime.Scratch;
import java.util.Arrays;

/**
 * Attention of all positions of an image to a few tokens, added to the image and normalised:
 * {@code layerNorm(x + W_o softmax(scale (W_q (x + p) + b_q) kᵀ) v + b_o)}. Queries are not projected, see
 * {@link HeadFolding}; neither are the weighted sums: the values of each head are, one vector for each token and head,
 * so that a row of the result is x plus a combination of as many vectors. A block of rows goes through all steps while
 * it is in the second-level cache.
 */
public final class AttendTokens {
    /** Added to the distance of rows, so that those of a tile do not share cache sets. */
    private static final int PADDING = 16;

    private static final int SLOT_EXPANDED = 0;
    private static final int SLOT_AT = 1;
    private static final int SLOT_SCORES = 2;
    private static final int SLOT_SUMS = 3;
    private static final int SLOT_KEYS = 4;
    private static final int SLOT_VALUES = 5;
    private static final int SLOT_BIAS = 6;

    private final Problem p;
    private final GemmKernel kernel;
    private final RowKernels loops;
    private final TokenLoops tokenLoops;
    private final HeadFolding folding;
    private final int width;
    private final int panels;
    /** Vectors of an entry, rounded up to whole panels. */
    private final int vectors;

    private final int valuePanels;

    /**
     * Operands.
     *
     * @param batch entries of k, v and out
     * @param tokens rows of an entry of k and v
     * @param heads adjacent column groups of k and v; a power of 2
     * @param scale factor on every dot product
     * @param positions rows of an entry of x and out
     * @param channels columns of x and out
     * @param x (batch * positions, channels), or one entry if {@code sharedX}
     * @param at addends of x for the queries (positions, channels)
     * @param k (batch * tokens, inner)
     * @param v (batch * tokens, inner)
     * @param query W_q (inner, channels)
     * @param queryBias b_q, one row
     * @param output W_o (channels, inner)
     * @param outputBias b_o, one row
     * @param gamma of the norm, one row
     * @param beta of the norm, one row
     * @param eps of the norm
     * @param out (batch * positions, channels), may be x unless that is shared
     */
    public record Problem(
            int batch,
            int tokens,
            int heads,
            float scale,
            int positions,
            int channels,
            Rows x,
            boolean sharedX,
            Rows at,
            Rows k,
            Rows v,
            PackedWeights query,
            Rows queryBias,
            PackedWeights output,
            Rows outputBias,
            Rows gamma,
            Rows beta,
            float eps,
            Rows out) {}

    private AttendTokens(Problem problem, CpuKernels kernels) {
        this.p = problem;
        this.kernel = kernels.gemm();
        this.loops = kernels.rows();
        this.tokenLoops = kernels.tokens();
        this.folding = new HeadFolding(kernel, p.heads(), p.output().in());
        this.width = kernel.panelWidth();
        this.panels = folding.panels(p.tokens());
        this.vectors = folding.padded(p.tokens());
        this.valuePanels = p.output().panels();
    }

    /** Computes the attention. */
    public static void run(Problem problem, CpuKernels kernels, Parallel parallel) {
        new AttendTokens(problem, kernels).run(parallel);
    }

    private int keyPanelSize() {
        return folding.panelSize(p.channels());
    }

    private int valuePanelSize() {
        return Gemm.roundUp(vectors, kernel.tileRows()) * width;
    }

    private void run(Parallel parallel) {
        parallel.forEach(1, (one, shared) -> {
            float[] keys = shared.floats(SLOT_KEYS, p.batch() * panels * keyPanelSize());
            float[] values = shared.floats(SLOT_VALUES, p.batch() * valuePanels * valuePanelSize());
            float[] biases = shared.floats(SLOT_BIAS, p.batch() * vectors);
            parallel.forEach(p.batch(), (entry, scratch) -> fold(entry, keys, values, biases, scratch));
            int blocks = (p.positions() + Gemm.BLOCK_ROWS - 1) / Gemm.BLOCK_ROWS;
            // Entries of a block follow each other: they read the same positions, and may share x.
            parallel.forEach(blocks * p.batch(), (task, scratch) -> {
                int row = task / p.batch() * Gemm.BLOCK_ROWS;
                int count = Math.min(Gemm.BLOCK_ROWS, p.positions() - row);
                block(task % p.batch(), row, count, keys, values, biases, scratch);
            });
        });
    }

    private void fold(int entry, float[] keys, float[] values, float[] biases, Scratch scratch) {
        float factor = p.scale() * ScalarMath.LOG2_E;
        int first = entry * p.tokens();
        int rowsSize = Gemm.roundUp(vectors, kernel.tileRows()) * GemmKernel.ROW_STRIDE;
        float[] expanded = scratch.floats(SLOT_EXPANDED, Math.max(folding.foldScratch(), rowsSize));
        for (int panel = 0; panel < panels; panel++) {
            int to = (entry * panels + panel) * keyPanelSize();
            folding.fold(p.query(), p.k(), first, p.tokens(), factor, panel, expanded, keys, to);
        }
        foldBias(first, factor, biases, entry * vectors);
        folding.spread(p.v(), first, p.tokens(), expanded, GemmKernel.ROW_STRIDE);
        int tileRows = kernel.tileRows();
        for (int panel = 0; panel < valuePanels; panel++) {
            int to = (entry * valuePanels + panel) * valuePanelSize();
            for (int j = 0; j < vectors; j += tileRows) {
                kernel.tile(
                        Math.min(tileRows, vectors - j),
                        expanded,
                        j * GemmKernel.ROW_STRIDE,
                        p.output().data(),
                        p.output().position(panel, 0),
                        p.output().in(),
                        Gemm.ZEROS,
                        0,
                        0,
                        values,
                        to + j * width,
                        width);
            }
            addOutputBias(panel, values, to);
        }
    }

    /** What b_q adds to the scores of each vector. */
    private void foldBias(int firstToken, float factor, float[] to, int at) {
        int used = p.tokens() * p.heads();
        Arrays.fill(to, at, at + used, 0);
        // Vectors that only fill up a panel get no weight.
        Arrays.fill(to, at + used, at + vectors, Exp2.ABSENT);
        int headWidth = folding.headWidth();
        for (int j = 0; j < used; j++) {
            int column = j % p.heads() * headWidth;
            int key = p.k().at(firstToken + j / p.heads()) + column;
            float dot = 0;
            for (int i = 0; i < headWidth; i++) {
                dot += p.k().data()[key + i]
                        * p.queryBias().data()[p.queryBias().offset() + column + i];
            }
            to[at + j] = factor * dot;
        }
    }

    /** The weights of a head's tokens sum to 1, so b_o can be spread over the heads. */
    private void addOutputBias(int panel, float[] values, int at) {
        int columns = Math.min(width, p.channels() - panel * width);
        for (int c = 0; c < columns; c++) {
            float share = p.outputBias().data()[p.outputBias().offset() + panel * width + c] / p.heads();
            for (int j = 0; j < p.tokens() * p.heads(); j++) {
                values[at + j * width + c] += share;
            }
        }
    }

    /** Rows {@code row} to {@code row + count} of an entry. */
    private void block(int entry, int row, int count, float[] keys, float[] values, float[] biases, Scratch scratch) {
        int n = p.channels();
        int xAt = p.x().at((p.sharedX() ? 0 : entry * p.positions()) + row);
        int stride = p.x().stride();
        int paddedRows = Gemm.roundUp(Gemm.BLOCK_ROWS, kernel.tileRows());
        float[] scores = scratch.floats(SLOT_SCORES, paddedRows * GemmKernel.ROW_STRIDE);
        int key = entry * panels * keyPanelSize();
        float[] queries = scratch.floats(SLOT_AT, paddedRows * GemmKernel.ROW_STRIDE);
        for (int r = 0; r < count; r++) {
            int at = p.at().at(row + r);
            loops.combine(
                    1, p.x().data(), xAt + r * stride, 1, p.at().data(), at, queries, r * GemmKernel.ROW_STRIDE, n);
        }
        multiply(count, queries, n, keys, key, keyPanelSize(), panels, scores, GemmKernel.ROW_STRIDE);
        tokenLoops.softmaxHeads(scores, 0, GemmKernel.ROW_STRIDE, count, biases, entry * vectors, vectors, p.heads());
        int sumStride = valuePanels * width + PADDING;
        float[] sums = scratch.floats(SLOT_SUMS, paddedRows * sumStride);
        int value = entry * valuePanels * valuePanelSize();
        multiply(count, scores, vectors, values, value, valuePanelSize(), valuePanels, sums, sumStride);
        for (int r = 0; r < count; r++) {
            normalize(sums, r * sumStride, xAt + r * stride, entry * p.positions() + row + r);
        }
    }

    /** Rows of a times panels, each of which stays in the first-level cache while the rows pass: the smaller part. */
    private void multiply(
            int rows, float[] a, int depth, float[] w, int first, int panelSize, int count, float[] c, int cStride) {
        int tileRows = kernel.tileRows();
        for (int panel = 0; panel < count; panel++) {
            int at = first + panel * panelSize;
            int to = panel * width;
            for (int r = 0; r < rows; r += tileRows) {
                int tile = Math.min(tileRows, rows - r);
                int from = r * GemmKernel.ROW_STRIDE;
                kernel.tile(tile, a, from, w, at, depth, Gemm.ZEROS, 0, 0, c, r * cStride + to, cStride);
            }
        }
    }

    private void normalize(float[] sums, int at, int xAt, int outRow) {
        tokenLoops.addAndNormalize(
                sums,
                at,
                p.x().data(),
                xAt,
                p.gamma().data(),
                p.gamma().offset(),
                p.beta().data(),
                p.beta().offset(),
                p.eps(),
                p.out().data(),
                p.out().at(outRow),
                p.channels());
    }
}
