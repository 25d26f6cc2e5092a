package dev.sam2j.cpu.decoder;

import static dev.sam2j.cpu.products.CpuMatrix.floats;
import static dev.sam2j.cpu.runtime.CpuStorage.rows;

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
import dev.sam2j.tensor.fused.AttendTokens;
import dev.sam2j.tensor.fused.DenseImages;
import java.util.Arrays;

/**
 * Attention of all positions of an image to a few tokens, added to the image and normalised:
 * {@code layerNorm(x + W_o softmax(scale (W_q (x + p) + b_q) kᵀ) v + b_o)}. Queries are not projected, see
 * {@link HeadFolding}; neither are the weighted sums: the values of each head are, one vector for each token and head,
 * so that a row of the result is x plus a combination of as many vectors. A block of rows goes through all steps while
 * it is in the second-level cache.
 */
public final class CpuAttendTokens {
    /** Added to the distance of rows, so that those of a tile do not share cache sets. */
    private static final int PADDING = 16;

    private static final int SLOT_EXPANDED = 0;
    private static final int SLOT_AT = 1;
    private static final int SLOT_SCORES = 2;
    private static final int SLOT_SUMS = 3;
    private static final int SLOT_KEYS = 4;
    private static final int SLOT_VALUES = 5;
    private static final int SLOT_BIAS = 6;

    private final int batch;
    private final int tokens;
    private final int heads;
    private final float scale;
    private final int pixels;
    private final int channels;
    private final Rows x;
    /** Entries of x: as many as of k, or one for all. */
    private final int images;

    private final Rows positions;
    private final Rows k;
    private final Rows v;
    private final PackedWeights query;
    private final Rows queryBias;
    private final PackedWeights output;
    private final Rows outputBias;
    private final Rows gamma;
    private final Rows beta;
    private final float eps;
    private final Rows out;
    private final GemmKernel kernel;
    private final RowKernels loops;
    private final TokenLoops tokenLoops;
    private final HeadFolding folding;
    private final int width;
    private final int panels;
    /** Vectors of an entry, rounded up to whole panels. */
    private final int vectors;

    private final int valuePanels;

    private CpuAttendTokens(AttendTokens op, DenseImages image, CpuKernels kernels) {
        this.batch = op.k().dim(0);
        this.tokens = op.k().dim(1);
        this.heads = op.heads();
        this.scale = op.spec().scale();
        this.pixels = image.pixels();
        this.channels = image.channels();
        this.x = rows(image.x());
        this.images = image.batch();
        this.positions = rows(image.positions());
        this.k = rows(op.k());
        this.v = rows(op.v());
        this.query = floats(op.query().matrix());
        this.queryBias = rows(op.query().bias());
        this.output = floats(op.output().matrix());
        this.outputBias = rows(op.output().bias());
        this.gamma = rows(op.norm().gamma());
        this.beta = rows(op.norm().beta());
        this.eps = op.norm().eps();
        this.out = rows(((DenseImages) op.destination()).x());
        this.kernel = kernels.gemm();
        this.loops = kernels.rows();
        this.tokenLoops = kernels.tokens();
        this.folding = new HeadFolding(kernel, heads, output.in());
        this.width = kernel.panelWidth();
        this.panels = folding.panels(tokens);
        this.vectors = folding.padded(tokens);
        this.valuePanels = output.panels();
    }

    /**
     * Computes the attention if that is possible, and faster, without projecting the image.
     *
     * @return whether it did
     */
    public static boolean run(AttendTokens op, CpuKernels kernels, Parallel parallel) {
        if (op.destination() instanceof LowRankImages images) {
            LowRankAttendTokens.run(op, images, kernels, parallel);
            return true;
        }
        DenseImages image = (DenseImages) op.images();
        boolean suits = image.projected() == null
                && HeadFolding.suits(
                        kernels.gemm(), op.k().dim(1), op.heads(), op.k().cols(), image.channels());
        if (suits) {
            new CpuAttendTokens(op, image, kernels).run(parallel);
        }
        return suits;
    }

    private int keyPanelSize() {
        return folding.panelSize(channels);
    }

    private int valuePanelSize() {
        return Gemm.roundUp(vectors, kernel.tileRows()) * width;
    }

    private void run(Parallel parallel) {
        parallel.forEach(1, (one, shared) -> {
            float[] keys = shared.floats(SLOT_KEYS, batch * panels * keyPanelSize());
            float[] values = shared.floats(SLOT_VALUES, batch * valuePanels * valuePanelSize());
            float[] biases = shared.floats(SLOT_BIAS, batch * vectors);
            parallel.forEach(batch, (entry, scratch) -> fold(entry, keys, values, biases, scratch));
            int blocks = (pixels + Gemm.BLOCK_ROWS - 1) / Gemm.BLOCK_ROWS;
            // Entries of a block follow each other: they read the same positions, and may share x.
            parallel.forEach(blocks * batch, (task, scratch) -> {
                int row = task / batch * Gemm.BLOCK_ROWS;
                int count = Math.min(Gemm.BLOCK_ROWS, pixels - row);
                block(task % batch, row, count, keys, values, biases, scratch);
            });
        });
    }

    private void fold(int entry, float[] keys, float[] values, float[] biases, Scratch scratch) {
        float factor = scale * ScalarMath.LOG2_E;
        int first = entry * tokens;
        int rowsSize = Gemm.roundUp(vectors, kernel.tileRows()) * GemmKernel.ROW_STRIDE;
        float[] expanded = scratch.floats(SLOT_EXPANDED, Math.max(folding.foldScratch(), rowsSize));
        for (int panel = 0; panel < panels; panel++) {
            int to = (entry * panels + panel) * keyPanelSize();
            folding.fold(query, k, first, tokens, factor, panel, expanded, keys, to);
        }
        foldBias(first, factor, biases, entry * vectors);
        folding.spread(v, first, tokens, expanded, GemmKernel.ROW_STRIDE);
        int tileRows = kernel.tileRows();
        for (int panel = 0; panel < valuePanels; panel++) {
            int to = (entry * valuePanels + panel) * valuePanelSize();
            for (int j = 0; j < vectors; j += tileRows) {
                kernel.tile(
                        Math.min(tileRows, vectors - j),
                        expanded,
                        j * GemmKernel.ROW_STRIDE,
                        output.data(),
                        output.position(panel, 0),
                        output.in(),
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
        int used = tokens * heads;
        Arrays.fill(to, at, at + used, 0);
        // Vectors that only fill up a panel get no weight.
        Arrays.fill(to, at + used, at + vectors, Exp2.ABSENT);
        int headWidth = folding.headWidth();
        for (int j = 0; j < used; j++) {
            int column = j % heads * headWidth;
            int key = k.at(firstToken + j / heads) + column;
            float dot = 0;
            for (int i = 0; i < headWidth; i++) {
                dot += k.data()[key + i] * queryBias.data()[queryBias.offset() + column + i];
            }
            to[at + j] = factor * dot;
        }
    }

    /** The weights of a head's tokens sum to 1, so b_o can be spread over the heads. */
    private void addOutputBias(int panel, float[] values, int at) {
        int columns = Math.min(width, channels - panel * width);
        for (int c = 0; c < columns; c++) {
            float share = outputBias.data()[outputBias.offset() + panel * width + c] / heads;
            for (int j = 0; j < tokens * heads; j++) {
                values[at + j * width + c] += share;
            }
        }
    }

    /** Rows {@code row} to {@code row + count} of an entry. */
    private void block(int entry, int row, int count, float[] keys, float[] values, float[] biases, Scratch scratch) {
        int n = channels;
        int xAt = x.at((images == 1 ? 0 : entry * pixels) + row);
        int stride = x.stride();
        int paddedRows = Gemm.roundUp(Gemm.BLOCK_ROWS, kernel.tileRows());
        float[] scores = scratch.floats(SLOT_SCORES, paddedRows * GemmKernel.ROW_STRIDE);
        int key = entry * panels * keyPanelSize();
        float[] queries = scratch.floats(SLOT_AT, paddedRows * GemmKernel.ROW_STRIDE);
        for (int r = 0; r < count; r++) {
            int at = positions.at(row + r);
            loops.combine(
                    1, x.data(), xAt + r * stride, 1, positions.data(), at, queries, r * GemmKernel.ROW_STRIDE, n);
        }
        multiply(count, queries, n, keys, key, keyPanelSize(), panels, scores, GemmKernel.ROW_STRIDE);
        tokenLoops.softmaxHeads(scores, 0, GemmKernel.ROW_STRIDE, count, biases, entry * vectors, vectors, heads);
        int sumStride = valuePanels * width + PADDING;
        float[] sums = scratch.floats(SLOT_SUMS, paddedRows * sumStride);
        int value = entry * valuePanels * valuePanelSize();
        multiply(count, scores, vectors, values, value, valuePanelSize(), valuePanels, sums, sumStride);
        for (int r = 0; r < count; r++) {
            normalize(sums, r * sumStride, xAt + r * stride, entry * pixels + row + r);
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
                x.data(),
                xAt,
                gamma.data(),
                gamma.offset(),
                beta.data(),
                beta.offset(),
                eps,
                out.data(),
                out.at(outRow),
                channels);
    }
}
