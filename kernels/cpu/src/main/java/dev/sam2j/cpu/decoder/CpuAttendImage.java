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
import dev.sam2j.tensor.fused.AttendImage;
import dev.sam2j.tensor.fused.DenseImages;
import java.util.Arrays;

/**
 * Attention of a few tokens to all positions of an image, {@code softmax(scale q (W_k (x + p) + b_k)ᵀ) (W_v x + b_v)}
 * per head, without projecting the image: see {@link HeadFolding} for the keys; the values are projected after the
 * weighted sum over x, of which there is one per token and head; and b_k adds the same to all scores of a query. The
 * image is read once, in blocks that stay in the second-level cache, with an online softmax down the columns of
 * (position, query) tiles.
 */
public final class CpuAttendImage {
    /** Rows of a task; the results of an entry's tasks are merged in order, whichever thread ran them. */
    private static final int CHUNK_ROWS = 6 * Gemm.BLOCK_ROWS;

    private static final int SLOT_EXPANDED = 0;
    private static final int SLOT_AT = 1;
    private static final int SLOT_SCORES = 2;
    private static final int SLOT_ROWS = 3;
    private static final int SLOT_OUT = 4;
    private static final int SLOT_QUERIES = 5;
    private static final int SLOT_PARTIAL = 6;

    private final int batch;
    private final int tokens;
    private final int heads;
    private final float scale;
    private final int pixels;
    private final int channels;
    private final Rows q;
    private final Rows x;
    /** Entries of x: as many as of q, or one for all. */
    private final int images;

    private final Rows positions;
    private final PackedWeights key;
    private final PackedWeights value;
    private final Rows valueBias;
    private final Rows out;
    private final Gemm gemm;
    private final GemmKernel kernel;
    private final RowKernels loops;
    private final TokenLoops tokenLoops;
    private final HeadFolding folding;
    private final int width;
    private final int panels;
    private final int chunks;
    /** Floats of one task's unnormalised sums, and of the state of its softmax behind them. */
    private final int sumsSize;

    private final int stateSize;

    private CpuAttendImage(AttendImage op, DenseImages image, CpuKernels kernels, Parallel parallel) {
        this.batch = op.q().dim(0);
        this.tokens = op.q().dim(1);
        this.heads = op.heads();
        this.scale = op.spec().scale();
        this.pixels = image.pixels();
        this.channels = image.channels();
        this.q = rows(op.q());
        this.x = rows(image.x());
        this.images = image.batch();
        this.positions = rows(image.positions());
        this.key = floats(op.key().matrix());
        this.value = floats(op.value().matrix());
        this.valueBias = rows(op.value().bias());
        this.out = rows(op.destination());
        this.gemm = new Gemm(kernels.gemm(), kernels.rows(), parallel);
        this.kernel = kernels.gemm();
        this.loops = kernels.rows();
        this.tokenLoops = kernels.tokens();
        this.folding = new HeadFolding(kernel, heads, key.out());
        this.width = kernel.panelWidth();
        this.panels = folding.panels(tokens);
        this.chunks = (pixels + CHUNK_ROWS - 1) / CHUNK_ROWS;
        this.sumsSize = channels * width;
        this.stateSize = 3 * width;
    }

    /**
     * Computes the attention if that is possible, and faster, without projecting the image.
     *
     * @return whether it did
     */
    public static boolean run(AttendImage op, CpuKernels kernels, Parallel parallel) {
        if (op.images() instanceof LowRankImages images) {
            LowRankAttendImage.run(op, images, kernels, parallel);
            return true;
        }
        DenseImages image = (DenseImages) op.images();
        boolean suits = image.projected() == null
                && HeadFolding.suits(
                        kernels.gemm(), op.q().dim(1), op.heads(), op.q().cols(), image.channels());
        if (suits) {
            new CpuAttendImage(op, image, kernels, parallel).run(parallel);
        }
        return suits;
    }

    private void run(Parallel parallel) {
        parallel.forEach(1, (one, shared) -> {
            int panelSize = folding.panelSize(channels);
            float[] queries = shared.floats(SLOT_QUERIES, batch * panels * panelSize);
            float[] partial = shared.floats(SLOT_PARTIAL, batch * chunks * panels * (sumsSize + stateSize));
            parallel.forEach(batch * panels, (task, scratch) -> {
                float[] expanded = scratch.floats(SLOT_EXPANDED, folding.foldScratch());
                int first = task / panels * tokens;
                folding.fold(
                        key,
                        q,
                        first,
                        tokens,
                        scale * ScalarMath.LOG2_E,
                        task % panels,
                        expanded,
                        queries,
                        task * panelSize);
            });
            // Entries of a chunk follow each other: they read the same positions, and may share x.
            parallel.forEach(
                    chunks * batch, (task, scratch) -> attend(task % batch, task / batch, queries, partial, scratch));
            parallel.forEach(batch, (entry, scratch) -> merge(entry, partial, scratch));
        });
    }

    private int partialAt(int entry, int chunk, int panel) {
        return ((entry * chunks + chunk) * panels + panel) * (sumsSize + stateSize);
    }

    private void attend(int entry, int chunk, float[] queries, float[] partial, Scratch scratch) {
        for (int panel = 0; panel < panels; panel++) {
            int sums = partialAt(entry, chunk, panel);
            Arrays.fill(partial, sums, sums + sumsSize, 0);
            Arrays.fill(partial, sums + sumsSize, sums + sumsSize + width, Exp2.ABSENT);
            Arrays.fill(partial, sums + sumsSize + width, sums + sumsSize + 2 * width, 0);
        }
        int base = images == 1 ? 0 : entry * pixels;
        int end = Math.min((chunk + 1) * CHUNK_ROWS, pixels);
        int scoreSize = Gemm.roundUp(Gemm.BLOCK_ROWS, kernel.tileRows()) * width;
        float[] scores = scratch.floats(SLOT_SCORES, panels * scoreSize);
        for (int from = chunk * CHUNK_ROWS; from < end; from += Gemm.BLOCK_ROWS) {
            int rows = Math.min(Gemm.BLOCK_ROWS, end - from);
            score(entry, base, from, rows, queries, scores, scoreSize, scratch);
            for (int panel = 0; panel < panels; panel++) {
                accumulate(base + from, rows, scores, panel * scoreSize, partial, partialAt(entry, chunk, panel));
            }
        }
    }

    /** Scores of a block of positions: for each panel rows of positions. */
    private void score(
            int entry, int base, int from, int rows, float[] queries, float[] scores, int scoreSize, Scratch scratch) {
        int n = channels;
        int tileRows = kernel.tileRows();
        int stride = GemmKernel.ROW_STRIDE;
        float[] keys = scratch.floats(SLOT_AT, Gemm.roundUp(Gemm.BLOCK_ROWS, tileRows) * stride);
        for (int r = 0; r < rows; r++) {
            int at = positions.at(from + r);
            loops.combine(1, x.data(), x.at(base + from + r), 1, positions.data(), at, keys, r * stride, n);
        }
        int panelSize = folding.panelSize(n);
        // A panel stays in the first-level cache while the rows pass: they are the smaller part.
        for (int panel = 0; panel < panels; panel++) {
            for (int r = 0; r < rows; r += tileRows) {
                int count = Math.min(tileRows, rows - r);
                kernel.tile(
                        count,
                        keys,
                        r * stride,
                        queries,
                        (entry * panels + panel) * panelSize,
                        n,
                        Gemm.ZEROS,
                        0,
                        0,
                        scores,
                        panel * scoreSize + r * width,
                        width);
            }
        }
    }

    /** Turns scores into powers and adds the rows of x they weigh: sums (channels, width). */
    private void accumulate(int row, int rows, float[] scores, int scoresAt, float[] partial, int sums) {
        int state = sums + sumsSize;
        if (tokenLoops.softmaxColumns(scores, scoresAt, rows, width, partial, state)) {
            tokenLoops.scaleColumns(partial, sums, channels, width, partial, state + 2 * width);
        }
        int step = kernel.columnTileRows();
        for (int c = 0; c < channels; c += step) {
            int to = sums + c * width;
            kernel.columnTile(
                    step, x.data(), x.at(row) + c, x.stride(), scores, scoresAt, rows, partial, to, partial, to);
        }
    }

    /** Joins the chunks of an entry, projects the values and keeps each head's columns. */
    private void merge(int entry, float[] partial, Scratch scratch) {
        int vectors = panels * width;
        int tileRows = kernel.tileRows();
        float[] rows = scratch.floats(SLOT_ROWS, Gemm.roundUp(vectors, tileRows) * GemmKernel.ROW_STRIDE);
        for (int panel = 0; panel < panels; panel++) {
            mergePanel(entry, panel, partial, rows);
        }
        int stride = value.panels() * width;
        float[] projected = scratch.floats(SLOT_OUT, Gemm.roundUp(vectors, tileRows) * stride);
        int used = tokens * heads;
        for (int j = 0; j < used; j += tileRows) {
            gemm.tiles(
                    Math.min(tileRows, used - j),
                    rows,
                    j * GemmKernel.ROW_STRIDE,
                    value,
                    0,
                    value.panels(),
                    0,
                    value.in(),
                    projected,
                    j * stride,
                    stride);
        }
        int headWidth = folding.headWidth();
        for (int j = 0; j < used; j++) {
            int column = j % heads * headWidth;
            int to = out.at(entry * tokens + j / heads) + column;
            for (int i = 0; i < headWidth; i++) {
                float bias = valueBias.data()[valueBias.offset() + column + i];
                out.data()[to + i] = projected[j * stride + column + i] + bias;
            }
        }
    }

    private void mergePanel(int entry, int panel, float[] partial, float[] rows) {
        for (int c = 0; c < width; c++) {
            float max = Exp2.ABSENT;
            for (int chunk = 0; chunk < chunks; chunk++) {
                max = Math.max(max, partial[partialAt(entry, chunk, panel) + sumsSize + c]);
            }
            float total = 0;
            for (int chunk = 0; chunk < chunks; chunk++) {
                int state = partialAt(entry, chunk, panel) + sumsSize + c;
                float factor = Exp2.of(partial[state] - max);
                partial[state + 2 * width] = factor;
                total += factor * partial[state + width];
            }
            for (int chunk = 0; chunk < chunks; chunk++) {
                partial[partialAt(entry, chunk, panel) + sumsSize + 2 * width + c] /= total;
            }
        }
        int first = partialAt(entry, 0, panel);
        tokenLoops.scaleColumns(partial, first, channels, width, partial, first + sumsSize + 2 * width);
        for (int chunk = 1; chunk < chunks; chunk++) {
            int at = partialAt(entry, chunk, panel);
            tokenLoops.scaleColumns(partial, at, channels, width, partial, at + sumsSize + 2 * width);
            loops.combine(1, partial, first, 1, partial, at, partial, first, sumsSize);
        }
        for (int c = 0; c < channels; c++) {
            for (int j = 0; j < width; j++) {
                rows[(panel * width + j) * GemmKernel.ROW_STRIDE + c] = partial[first + c * width + j];
            }
        }
    }
}
