package dev.sam2j.cpu.decoder;

import static dev.sam2j.cpu.products.CpuMatrix.floats;
import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.math.ScalarMath;
import dev.sam2j.cpu.products.Gemm;
import dev.sam2j.cpu.products.GemmKernel;
import dev.sam2j.cpu.products.PackedWeights;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.cpu.runtime.Scratch;
import dev.sam2j.tensor.fused.AttendTokens;
import java.util.Arrays;

/**
 * {@link CpuAttendTokens} for images that are {@link LowRankImages}, which stay that: {@code x = layerNorm(x + W_o
 * softmax(scale (W_q (x + p) + b_q) kᵀ) v + b_o)}. With the vectors {@code c_j} of each token and head, which are its
 * projected value and a share of everything constant, a row before the norm is {@code s (base + sum_r k_r row_r + sum_j
 * a_j c_j)}, where {@code a_j} is the weight divided by the scale s. The norm needs its squared norm only: that of the
 * first two parts, which is known, plus {@code sum_j a_j (2 base.c_j + 2 sum_r k_r row_r.c_j + sum_i a_i c_i.c_j)}. All
 * vectors are centred beforehand, so that means are 0.
 */
final class LowRankAttendTokens {
    private static final int CHUNK_PANELS = 8;

    private static final int SLOT_PREPARED = 7;
    private static final int SLOT_ROWS = 0;
    private static final int SLOT_TOKENS = 1;
    private static final int SLOT_PRODUCTS = 2;
    private static final int SLOT_PACKED = 3;
    private static final int SLOT_TILE = 0;
    private static final int SLOT_SUM = 1;

    /** The images, changed in place. */
    private final LowRankImages x;

    private final int tokenCount;
    private final int heads;
    /** On every dot product. */
    private final float factor;

    private final Rows tokenKeys;
    private final Rows tokenValues;
    private final PackedWeights query;
    private final Rows queryBias;
    private final PackedWeights output;
    private final Rows outputBias;
    private final Rows gamma;
    private final Rows beta;
    private final float eps;
    private final GemmKernel kernel;
    private final LowRankLoops loops;
    private final LowRankTokens tokens;
    private final int width;
    private final int step;
    private final int rank;
    private final int vectors;
    /** Whether another attention follows, which needs the squared norms of the results. */
    private final boolean continues;

    private final int mixAt;
    private final int biasAt;
    private final int valuesAt;
    private final int gramAt;
    private final int nextGramAt;
    private final int preparedSize;

    private final float[] ones;
    private final float[] zeros;
    private final float[] addend;
    private final PackedWeights queries;
    private final PackedWeights positionQueries;
    private final SharedRows next;
    private final Along along;
    private final Along nextAlong;

    /** What the base contributes to squared norms: its own, and dot products with inner columns and constants. */
    private record Along(float[] squares, PackedWeights outputs) {}

    private LowRankAttendTokens(AttendTokens op, LowRankImages images, CpuKernels kernels) {
        this.x = images;
        this.tokenCount = op.k().dim(1);
        this.heads = op.heads();
        this.factor = op.spec().scale();
        this.tokenKeys = rows(op.k());
        this.tokenValues = rows(op.v());
        this.query = floats(op.query().matrix());
        this.queryBias = rows(op.query().bias());
        this.output = floats(op.output().matrix());
        this.outputBias = rows(op.output().bias());
        this.gamma = rows(op.norm().gamma());
        this.beta = rows(op.norm().beta());
        this.eps = op.norm().eps();
        this.kernel = kernels.gemm();
        this.loops = kernels.lowRank();
        this.tokens = new LowRankTokens(kernel, tokenCount, heads, output.in());
        this.width = kernel.panelWidth();
        this.step = tokens.step();
        this.rank = x.rank();
        this.vectors = tokens.vectors();
        this.continues = rank + vectors < x.capacity();
        boolean begins = rank == 0 || op.images() == images;
        if (!begins || rank + vectors > x.capacity() || (continues && rank > 0)) {
            throw new IllegalArgumentException(
                    "attendTokens: expected the tokens that the image was made for, twice, got " + tokenCount
                            + " tokens for the last " + (x.capacity() - rank) + " of " + x.capacity() + " rows");
        }
        this.mixAt = tokens.transposedSize();
        this.biasAt = mixAt + rank * vectors;
        this.valuesAt = biasAt + vectors;
        this.gramAt = valuesAt + tokens.transposedSize();
        this.nextGramAt = gramAt + (rank + vectors) * vectors;
        this.preparedSize = nextGramAt + vectors * vectors;
        this.ones = new float[width];
        Arrays.fill(ones, 1);
        this.zeros = new float[step * width];
        SharedRows base = x.base();
        int n = base.channels();
        this.addend = new float[n];
        for (int c = 0; c < n; c++) {
            float constant =
                    x.constant() == null ? 0 : x.constant().data()[x.constant().offset() + c];
            addend[c] = constant + outputBias.data()[outputBias.offset() + c];
        }
        this.queries = (rank == 0 ? base.plus(x.positions()) : base).project(query);
        this.positionQueries = rank == 0 ? null : x.positions().project(query);
        this.next = base.centred(gamma);
        this.along = new Along(base.squares(), base.alongOutputs(output, addend, null));
        this.nextAlong = continues ? new Along(next.squares(), next.alongOutputs(output, addend, gamma)) : null;
    }

    static void run(AttendTokens op, LowRankImages images, CpuKernels kernels, Parallel parallel) {
        new LowRankAttendTokens(op, images, kernels).run(parallel);
    }

    private void run(Parallel parallel) {
        float[] constantQuery = LowRankTokens.projected(kernel, query, x.constant(), queryBias);
        int panels = queries.panels();
        int chunks = (panels + CHUNK_PANELS - 1) / CHUNK_PANELS;
        parallel.forEach(1, (one, shared) -> {
            float[] prepared = shared.floats(SLOT_PREPARED, x.batch() * preparedSize);
            parallel.forEach(x.batch(), (entry, scratch) -> prepare(entry, constantQuery, prepared, scratch));
            // Entries of a chunk follow each other: they read the same positions.
            parallel.forEach(chunks * x.batch(), (task, scratch) -> {
                int first = task / x.batch() * CHUNK_PANELS;
                int end = Math.min(first + CHUNK_PANELS, panels);
                for (int panel = first; panel < end; panel++) {
                    panel(task % x.batch(), panel, prepared, scratch);
                }
            });
        });
        x.advance(next, vectors, beta);
    }

    private void prepare(int entry, float[] constantQuery, float[] prepared, Scratch scratch) {
        int at = entry * preparedSize;
        int first = entry * tokenCount;
        int n = output.out();
        int inner = output.in();
        int all = rank + vectors;
        tokens.transpose(tokenKeys, first, factor * ScalarMath.LOG2_E, prepared, at);
        tokens.transpose(tokenValues, first, 2, prepared, at + valuesAt);
        tokens.mix(prepared, at, constantQuery, 1, prepared, at + biasAt);
        float[] rows = scratch.floats(SLOT_ROWS, LowRankTokens.rowsSize(kernel, all));
        float[] products = scratch.floats(SLOT_PRODUCTS, LowRankTokens.rowsSize(kernel, all));
        if (rank > 0) {
            LowRankTokens.spread(x.rows(), entry * x.capacity(), rank, n, rows);
            LowRankTokens.multiply(kernel, rows, rank, query, products, GemmKernel.ROW_STRIDE);
            tokens.mix(prepared, at, products, rank, prepared, at + mixAt);
        }
        projectValues(first, inner, n, rows, scratch);
        for (int r = 0; r < all; r++) {
            SharedRows.centre(rows, r * GemmKernel.ROW_STRIDE, n);
        }
        gram(rows, rank, n, products, prepared, at + gramAt, scratch);
        for (int r = 0; r < all; r++) {
            int to = x.rows().at(entry * x.capacity() + r);
            for (int c = 0; c < n; c++) {
                float value = rows[r * GemmKernel.ROW_STRIDE + c] * gamma.data()[gamma.offset() + c];
                rows[r * GemmKernel.ROW_STRIDE + c] = value;
                x.rows().data()[to + c] = value;
            }
        }
        if (continues) {
            for (int r = 0; r < all; r++) {
                SharedRows.centre(rows, r * GemmKernel.ROW_STRIDE, n);
            }
            gram(rows, 0, n, products, prepared, at + nextGramAt, scratch);
        }
    }

    /** Writes the vectors c_j behind the image's rows: the weights of a head sum to 1, so constants can be shared. */
    private void projectValues(int first, int inner, int n, float[] rows, Scratch scratch) {
        int tileRows = kernel.tileRows();
        float[] v = scratch.floats(SLOT_TOKENS, LowRankTokens.rowsSize(kernel, tokenCount));
        LowRankTokens.spread(tokenValues, first, tokenCount, inner, v);
        PackedWeights w = output;
        for (int head = 0; head < heads; head++) {
            int column = head * tokens.headWidth();
            int to = (rank + tokens.first(head)) * GemmKernel.ROW_STRIDE;
            for (int panel = 0; panel < w.panels(); panel++) {
                for (int t = 0; t < tokenCount; t += tileRows) {
                    kernel.tile(
                            Math.min(tileRows, tokenCount - t),
                            v,
                            t * GemmKernel.ROW_STRIDE + column,
                            w.data(),
                            w.position(panel, column),
                            tokens.headWidth(),
                            Gemm.ZEROS,
                            0,
                            0,
                            rows,
                            to + t * GemmKernel.ROW_STRIDE + panel * width,
                            GemmKernel.ROW_STRIDE);
                }
            }
            for (int t = 0; t < tokens.padded(); t++) {
                int row = to + t * GemmKernel.ROW_STRIDE;
                if (t >= tokenCount) {
                    Arrays.fill(rows, row, row + n, 0);
                    continue;
                }
                for (int c = 0; c < n; c++) {
                    rows[row + c] += addend[c] / heads;
                }
            }
        }
    }

    /**
     * Dot products of {@code old} rows and the vectors behind them with the vectors, as a matrix; of the products of
     * two vectors, which are met twice, those of a tile with later tiles are left out and those with earlier ones are
     * doubled.
     */
    private void gram(float[] rows, int old, int n, float[] products, float[] to, int at, Scratch scratch) {
        int panels = (vectors + width - 1) / width;
        float[] packed = scratch.floats(SLOT_PACKED, panels * n * width);
        for (int panel = 0; panel < panels; panel++) {
            int from = (rank + panel * width) * GemmKernel.ROW_STRIDE;
            int count = Math.min(width, vectors - panel * width);
            PackedWeights.packPanel(rows, from, GemmKernel.ROW_STRIDE, count, n, packed, panel * n * width, width);
        }
        // Padded to whole panels: rows of products are wide enough for 576 vectors.
        int stride = panels * width;
        float[] sums = products.length >= (old + vectors + kernel.tileRows()) * stride
                ? products
                : new float[(old + vectors + kernel.tileRows()) * stride];
        LowRankTokens.multiply(
                kernel, rows, old + vectors, PackedWeights.view(kernel, packed, vectors, n), sums, stride);
        int depth = old + vectors;
        for (int tile = 0; tile < tokens.tiles(); tile++) {
            int twice = old + tile * step;
            for (int r = 0; r < twice + step; r++) {
                float factor = r < twice ? 2 : 1;
                for (int i = 0; i < step; i++) {
                    to[at + (tile * depth + r) * step + i] = factor * sums[r * stride + tile * step + i];
                }
            }
        }
    }

    /** One panel of positions of an entry. */
    private void panel(int entry, int panel, float[] prepared, Scratch scratch) {
        int at = entry * preparedSize;
        float[] k = x.coefficients();
        int kAt = x.coefficientsAt(entry, panel);
        int weightsAt = kAt + rank * width;
        float[] scale = rank == 0 ? ones : x.scale();
        int scaleAt = rank == 0 ? 0 : x.scaleAt(entry, panel);
        for (int tile = 0; tile < tokens.tiles(); tile++) {
            int to = weightsAt + tile * step * width;
            multiplyHead(tile, prepared, at, queries, panel, zeros, 0, k, to);
            if (rank > 0) {
                kernel.columnTile(step, prepared, at + mixAt + tile * rank * step, step, k, kAt, rank, k, to, k, to);
            }
            loops.scaleAndShift(k, to, step, width, scale, scaleAt, prepared, at + biasAt + tile * step);
            if (rank > 0) {
                multiplyHead(tile, prepared, at, positionQueries, panel, k, to, k, to);
            }
        }
        for (int head = 0; head < heads; head++) {
            int from = weightsAt + tokens.first(head) * width;
            loops.softmaxColumns(k, from, tokenCount, width, scale, scaleAt);
            Arrays.fill(k, from + tokenCount * width, from + tokens.padded() * width, 0);
        }
        normalize(entry, panel, prepared, scale, scaleAt, scratch);
    }

    /** Sets the scale, and squared norms if another attention follows. */
    private void normalize(int entry, int panel, float[] prepared, float[] scale, int scaleAt, Scratch scratch) {
        int at = entry * preparedSize;
        int kAt = x.coefficientsAt(entry, panel);
        float[] sums = scratch.floats(SLOT_SUM, 2 * width);
        Arrays.fill(sums, 0, 2 * width, 0);
        quadratic(panel, prepared, at, gramAt, along.outputs, kAt, rank, sums, 0, scratch);
        if (continues) {
            quadratic(panel, prepared, at, nextGramAt, nextAlong.outputs, kAt, 0, sums, width, scratch);
        }
        int n = x.base().channels();
        int squaresAt = x.squaresAt(entry, panel);
        int newScale = x.scaleAt(entry, panel);
        for (int c = 0; c < width; c++) {
            float s = scale[scaleAt + c];
            float square = sums[c]
                    + constantPart(along, panel, c, s)
                    + (rank == 0 ? sharedSquare(along, panel, c) : x.squares()[squaresAt + c]);
            if (continues) {
                x.squares()[squaresAt + c] =
                        sums[width + c] + constantPart(nextAlong, panel, c, s) + sharedSquare(nextAlong, panel, c);
            }
            double variance = (double) s * s * Math.max(square, 0) / n;
            x.scale()[newScale + c] = (float) (s / Math.sqrt(variance + eps));
        }
    }

    private float constantPart(Along a, int panel, int c, float s) {
        return 2 * a.outputs.data()[a.outputs.position(panel, output.in()) + c] / s;
    }

    private float sharedSquare(Along a, int panel, int c) {
        int position = panel * width + c;
        return position < a.squares.length ? a.squares[position] : 0;
    }

    /** {@code sum_j a_j (2 base.c_j + 2 sum_r k_r row_r.c_j + sum_i a_i c_i.c_j)} without what is constant. */
    private void quadratic(
            int panel,
            float[] prepared,
            int at,
            int matrixAt,
            PackedWeights outputs,
            int kAt,
            int old,
            float[] sums,
            int sumsAt,
            Scratch scratch) {
        float[] k = x.coefficients();
        float[] tileSums = scratch.floats(SLOT_TILE, step * width);
        int depth = old + vectors;
        for (int tile = 0; tile < tokens.tiles(); tile++) {
            multiplyHead(tile, prepared, at + valuesAt, outputs, panel, zeros, 0, tileSums, 0);
            int matrix = at + matrixAt + tile * depth * step;
            int used = old + (tile + 1) * step;
            kernel.columnTile(step, prepared, matrix, step, k, kAt, used, tileSums, 0, tileSums, 0);
            int weights = kAt + (old + tile * step) * width;
            loops.addColumnProducts(tileSums, 0, k, weights, step, width, sums, sumsAt);
        }
    }

    /** A tile of vectors times the columns of its head in a panel of positions. */
    private void multiplyHead(
            int tile,
            float[] prepared,
            int vectorsAt,
            PackedWeights shared,
            int panel,
            float[] from,
            int fromAt,
            float[] to,
            int at) {
        int depth = tokens.headWidth();
        int matrix = vectorsAt + tile * depth * step;
        int columns = shared.position(panel, tokens.column(tile));
        kernel.columnTile(step, prepared, matrix, step, shared.data(), columns, depth, from, fromAt, to, at);
    }
}
