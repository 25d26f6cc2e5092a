package dev.sam2j.cpu.decoder;

import static dev.sam2j.cpu.products.CpuMatrix.floats;
import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.math.Exp2;
import dev.sam2j.cpu.math.ScalarMath;
import dev.sam2j.cpu.products.GemmKernel;
import dev.sam2j.cpu.products.PackedWeights;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.cpu.runtime.Scratch;
import dev.sam2j.tensor.fused.AttendImage;
import java.util.Arrays;

/**
 * {@link CpuAttendImage} for images that are {@link LowRankImages}: {@code softmax(scale q (W_k (x + p) + b_k)ᵀ)
 * (W_v x + b_v)} per head. The scores are those of the base, scaled, those of the positions, and a combination of one
 * product for each row and query; b_k and the image's constant add the same to all scores of a query. The values are
 * summed as the base's projected values and the rows' coefficients.
 */
final class LowRankAttendImage {
    /** Panels of a task: their coefficients stay in the second-level cache. */
    private static final int CHUNK_PANELS = 32;

    private static final int SLOT_ROWS = 0;
    private static final int SLOT_PRODUCTS = 1;
    private static final int SLOT_SCORES = 2;
    private static final int SLOT_PREPARED = 7;
    private static final int SLOT_PARTIAL = 8;

    private final LowRankImages x;
    private final int batch;
    private final int tokenCount;
    private final int heads;
    /** On every dot product. */
    private final float factor;

    private final Rows q;
    private final PackedWeights key;
    private final PackedWeights value;
    private final Rows valueBias;
    private final Rows out;
    private final GemmKernel kernel;
    private final LowRankLoops loops;
    private final LowRankTokens tokens;
    private final int width;
    private final int step;
    private final int rank;
    private final int vectors;
    private final int inner;
    private final int panels;
    private final int chunks;

    private final int mixAt;
    private final int rowValuesAt;
    private final int preparedSize;
    /** Floats of a vector's sums: products with the coefficients of each row, then values of the base. */
    private final int sumSize;

    /** Floats of a tile: sums of each vector, their largest scores, their sums of powers. */
    private final int partialSize;

    private final float[] ones;
    private final float[] zeros;
    private final PackedWeights keys;
    private final PackedWeights positionKeys;
    private final PackedWeights values;

    private LowRankAttendImage(AttendImage op, LowRankImages images, CpuKernels kernels) {
        this.x = images;
        this.batch = op.q().dim(0);
        this.tokenCount = op.q().dim(1);
        this.heads = op.heads();
        this.factor = op.spec().scale();
        this.q = rows(op.q());
        this.key = floats(op.key().matrix());
        this.value = floats(op.value().matrix());
        this.valueBias = rows(op.value().bias());
        this.out = rows(op.destination());
        this.kernel = kernels.gemm();
        this.loops = kernels.lowRank();
        this.inner = key.out();
        this.tokens = new LowRankTokens(kernel, tokenCount, heads, inner);
        this.width = kernel.panelWidth();
        this.step = tokens.step();
        this.rank = x.rank();
        this.vectors = tokens.vectors();
        this.mixAt = tokens.transposedSize();
        this.rowValuesAt = mixAt + rank * vectors;
        this.preparedSize = rowValuesAt + rank * inner;
        this.sumSize = rank + tokens.headWidth();
        this.partialSize = step * (sumSize + 2);
        this.ones = new float[CHUNK_PANELS * width];
        Arrays.fill(ones, 1);
        this.zeros = new float[step * width];
        SharedRows base = x.base();
        this.keys = (rank == 0 ? base.plus(x.positions()) : base).project(key);
        this.positionKeys = rank == 0 ? null : x.positions().project(key);
        this.values = base.project(value);
        this.panels = keys.panels();
        this.chunks = (panels + CHUNK_PANELS - 1) / CHUNK_PANELS;
    }

    static void run(AttendImage op, LowRankImages images, CpuKernels kernels, Parallel parallel) {
        new LowRankAttendImage(op, images, kernels).run(parallel);
    }

    private void run(Parallel parallel) {
        float[] constantValue = LowRankTokens.projected(kernel, value, x.constant(), valueBias);
        parallel.forEach(1, (one, shared) -> {
            float[] prepared = shared.floats(SLOT_PREPARED, batch * preparedSize);
            float[] partial = shared.floats(SLOT_PARTIAL, batch * chunks * tokens.tiles() * partialSize);
            parallel.forEach(batch, (entry, scratch) -> prepare(entry, prepared, scratch));
            // Entries of a chunk follow each other: they read the same positions.
            parallel.forEach(
                    chunks * batch, (task, scratch) -> attend(task % batch, task / batch, prepared, partial, scratch));
            parallel.forEach(batch, (entry, scratch) -> merge(entry, prepared, partial, constantValue));
        });
    }

    private void prepare(int entry, float[] prepared, Scratch scratch) {
        int at = entry * preparedSize;
        tokens.transpose(q, entry * tokenCount, factor * ScalarMath.LOG2_E, prepared, at);
        if (rank == 0) {
            return;
        }
        float[] rows = scratch.floats(SLOT_ROWS, LowRankTokens.rowsSize(kernel, rank));
        float[] products = scratch.floats(SLOT_PRODUCTS, LowRankTokens.rowsSize(kernel, rank));
        LowRankTokens.spread(x.rows(), entry * x.capacity(), rank, x.base().channels(), rows);
        LowRankTokens.multiply(kernel, rows, rank, key, products, GemmKernel.ROW_STRIDE);
        tokens.mix(prepared, at, products, rank, prepared, at + mixAt);
        LowRankTokens.multiply(kernel, rows, rank, value, products, GemmKernel.ROW_STRIDE);
        for (int r = 0; r < rank; r++) {
            System.arraycopy(products, r * GemmKernel.ROW_STRIDE, prepared, at + rowValuesAt + r * inner, inner);
        }
    }

    private int partialAt(int entry, int chunk, int tile) {
        return ((entry * chunks + chunk) * tokens.tiles() + tile) * partialSize;
    }

    /** A tile of vectors after the other, so that their scores stay in the first-level cache. */
    private void attend(int entry, int chunk, float[] prepared, float[] partial, Scratch scratch) {
        int first = chunk * CHUNK_PANELS;
        int count = Math.min(CHUNK_PANELS, panels - first);
        float[] scores = scratch.floats(SLOT_SCORES, CHUNK_PANELS * step * width);
        for (int tile = 0; tile < tokens.tiles(); tile++) {
            score(entry, tile, first, count, prepared, scores);
            sum(entry, tile, first, count, scores, partial, partialAt(entry, chunk, tile));
        }
    }

    /** Scores of a tile of vectors with {@code count} panels of positions. */
    private void score(int entry, int tile, int first, int count, float[] prepared, float[] scores) {
        int depth = tokens.headWidth();
        int matrix = entry * preparedSize + tile * depth * step;
        int mix = entry * preparedSize + mixAt + tile * rank * step;
        float[] k = x.coefficients();
        for (int i = 0; i < count; i++) {
            int panel = first + i;
            int to = i * step * width;
            int columns = keys.position(panel, tokens.column(tile));
            kernel.columnTile(step, prepared, matrix, step, keys.data(), columns, depth, zeros, 0, scores, to);
            if (rank > 0) {
                int kAt = x.coefficientsAt(entry, panel);
                kernel.columnTile(step, prepared, mix, step, k, kAt, rank, scores, to, scores, to);
                loops.scaleAndShift(scores, to, step, width, x.scale(), x.scaleAt(entry, panel), zeros, 0);
                float[] data = positionKeys.data();
                kernel.columnTile(step, prepared, matrix, step, data, columns, depth, scores, to, scores, to);
            }
        }
        for (int n = x.base().positions(); n < (first + count) * width; n++) {
            for (int row = 0; row < step; row++) {
                scores[((n / width - first) * step + row) * width + n % width] = Exp2.ABSENT;
            }
        }
    }

    /** Turns scores of a tile into powers and sums what they weigh. */
    private void sum(int entry, int tile, int first, int count, float[] scores, float[] partial, int to) {
        int stride = step * width;
        float[] scale = rank == 0 ? ones : x.scale();
        int scaleAt = rank == 0 ? 0 : x.scaleAt(entry, first);
        loops.softmaxRows(scores, 0, stride, step, width, count, scale, scaleAt, partial, to + step * sumSize);
        if (rank > 0) {
            int kStride = LowRankImages.panelStride(x.capacity(), width);
            int kAt = x.coefficientsAt(entry, first);
            float[] k = x.coefficients();
            loops.rowProducts(scores, 0, stride, step, k, kAt, kStride, rank, width, count, partial, to, sumSize);
        }
        loops.rowProducts(
                scores,
                0,
                stride,
                step,
                values.data(),
                values.position(first, tokens.column(tile)),
                values.in() * width,
                tokens.headWidth(),
                width,
                count,
                partial,
                to + rank,
                sumSize);
    }

    /** Joins the chunks of an entry, and projects what was summed. */
    private void merge(int entry, float[] prepared, float[] partial, float[] constantValue) {
        float[] sums = new float[sumSize];
        int depth = tokens.headWidth();
        for (int head = 0; head < heads; head++) {
            for (int t = 0; t < tokenCount; t++) {
                join(entry, tokens.first(head) + t, partial, sums);
                int to = out.at(entry * tokenCount + t) + head * depth;
                float[] result = out.data();
                for (int i = 0; i < depth; i++) {
                    result[to + i] = sums[rank + i] + constantValue[head * depth + i];
                }
                int rowValue = entry * preparedSize + rowValuesAt + head * depth;
                for (int r = 0; r < rank; r++) {
                    for (int i = 0; i < depth; i++) {
                        result[to + i] += sums[r] * prepared[rowValue + r * inner + i];
                    }
                }
            }
        }
    }

    private void join(int entry, int vector, float[] partial, float[] sums) {
        int tile = vector / step;
        int state = step * sumSize + vector % step;
        float max = Exp2.ABSENT;
        for (int chunk = 0; chunk < chunks; chunk++) {
            max = Math.max(max, partial[partialAt(entry, chunk, tile) + state]);
        }
        Arrays.fill(sums, 0);
        float total = 0;
        for (int chunk = 0; chunk < chunks; chunk++) {
            int at = partialAt(entry, chunk, tile);
            float factor = Exp2.of(partial[at + state] - max);
            total += factor * partial[at + state + step];
            for (int i = 0; i < sumSize; i++) {
                sums[i] += factor * partial[at + vector % step * sumSize + i];
            }
        }
        for (int i = 0; i < sumSize; i++) {
            sums[i] /= total;
        }
    }
}
