package dev.sam2j.cpu.training;

import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.math.ScalarMath;
import dev.sam2j.cpu.products.Gemm;
import dev.sam2j.cpu.products.GemmKernel;
import dev.sam2j.cpu.products.ProductKernel;
import dev.sam2j.cpu.products.RowTiles;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.cpu.runtime.Scratch;
import java.util.Arrays;

/**
 * The adjoint of attention for one head. With the weights P = softmax(scale q kᵀ) and D = rowSum(dOut out), for each
 * block of queries and keys: {@code dV += Pᵀ dOut}, {@code dS = P (dOut vᵀ - D)}, {@code dQ += scale dS k},
 * {@code dK += scale dSᵀ q}. Weights and their gradients lie one row per key, {@link ProductKernel#ROW_STRIDE} apart,
 * one column per query: so they are rows of the tiles whose sums are over queries, and columns of those over keys.
 */
final class AttentionGradients {
    /** Columns and rows of weights at once: they stay in the second-level cache. */
    private static final int QUERY_BLOCK = 192;

    private static final int KEY_BLOCK = 132;
    private static final int STRIDE = ProductKernel.ROW_STRIDE;

    private static final int SLOT_QUERY_COLUMNS = 0;
    private static final int SLOT_QUERY_ROWS = 1;
    private static final int SLOT_D_OUT_COLUMNS = 2;
    private static final int SLOT_D_OUT_ROWS = 3;
    private static final int SLOT_KEY_TILES = 4;
    private static final int SLOT_KEY_ROWS = 5;
    private static final int SLOT_VALUE_TILES = 6;
    private static final int SLOT_WEIGHTS = 7;
    private static final int SLOT_D_WEIGHTS = 8;
    private static final int SLOT_PRODUCT = 9;
    private static final int SLOT_LOG_SUMS = 10;
    private static final int SLOT_MEANS = 11;

    /** The query side of a head; dQ may be null. */
    record Queries(int count, Rows q, Rows out, Rows logSumExp, Rows dOut, Rows dQ) {}

    /** The key side of a head; dK and dV may be null. */
    record Keys(int count, Rows k, Rows v, Rows dK, Rows dV) {}

    private final GemmKernel gemm;
    private final BackwardLoops loops;
    private final int panelWidth;
    private final int lanes;
    private final float scale;
    private final int keyColumns;
    private final int valueColumns;

    private final Scratch scratch;
    private final float[] weights;
    private final float[] dWeights;
    private final float[] logSums;
    private final float[] means;
    /** Queries of the block in work. */
    private int queries;

    AttentionGradients(CpuKernels kernels, Scratch scratch, float scale, int keyColumns, int valueColumns) {
        this.gemm = kernels.gemm();
        this.loops = kernels.backward();
        this.panelWidth = gemm.panelWidth();
        this.lanes = kernels.floatAttention().lanes();
        this.scale = scale;
        this.keyColumns = keyColumns;
        this.valueColumns = valueColumns;
        this.scratch = scratch;
        int rows = Gemm.roundUp(KEY_BLOCK, gemm.tileRows());
        weights = scratch.floats(SLOT_WEIGHTS, rows * STRIDE);
        dWeights = scratch.floats(SLOT_D_WEIGHTS, rows * STRIDE);
        logSums = scratch.floats(SLOT_LOG_SUMS, QUERY_BLOCK);
        means = scratch.floats(SLOT_MEANS, QUERY_BLOCK);
    }

    /** Adds the gradients. */
    void run(Queries all, Keys keys) {
        for (int first = 0; first < all.count; first += QUERY_BLOCK) {
            queries = Math.min(QUERY_BLOCK, all.count - first);
            float[] q = columns(all.q.from(first), keyColumns, scale * ScalarMath.LOG2_E, SLOT_QUERY_COLUMNS);
            float[] dOut = columns(all.dOut.from(first), valueColumns, 1, SLOT_D_OUT_COLUMNS);
            float[] qRows = rows(all.q.from(first), queries, keyColumns, SLOT_QUERY_ROWS);
            float[] dOutRows = rows(all.dOut.from(first), queries, valueColumns, SLOT_D_OUT_ROWS);
            softmaxSums(all, first);
            for (int key = 0; key < keys.count; key += KEY_BLOCK) {
                int count = Math.min(KEY_BLOCK, keys.count - key);
                scores(keys.k.from(key), count, keyColumns, q, SLOT_KEY_TILES, weights);
                scores(keys.v.from(key), count, valueColumns, dOut, SLOT_VALUE_TILES, dWeights);
                loops.softmax(weights, dWeights, count, STRIDE, Gemm.roundUp(queries, lanes), logSums, means);
                if (keys.dV != null) {
                    addToKeys(weights, count, dOutRows, valueColumns, 1, keys.dV.from(key));
                }
                if (keys.dK != null) {
                    addToKeys(dWeights, count, qRows, keyColumns, scale, keys.dK.from(key));
                }
                if (all.dQ != null) {
                    addToQueries(keys.k.from(key), count, all.dQ.from(first));
                }
            }
        }
    }

    /** What the softmax of the block's queries needs: logarithms of sums, and D. */
    private void softmaxSums(Queries all, int first) {
        for (int i = 0; i < queries; i++) {
            logSums[i] = all.logSumExp.data()[all.logSumExp.at(first + i)] * ScalarMath.LOG2_E;
        }
        Rows out = all.out.from(first);
        Rows dOut = all.dOut.from(first);
        loops.rowProducts(
                out.data(),
                out.offset(),
                out.stride(),
                dOut.data(),
                dOut.offset(),
                dOut.stride(),
                queries,
                valueColumns,
                means);
        Arrays.fill(logSums, queries, QUERY_BLOCK, 0);
        Arrays.fill(means, queries, QUERY_BLOCK, 0);
    }

    /** Packs the block's rows of x as columns, times {@code factor}: panel of rows, column, row. */
    private float[] columns(Rows x, int columns, float factor, int slot) {
        int padded = Gemm.roundUp(queries, panelWidth);
        float[] packed = scratch.floats(slot, padded * columns);
        Arrays.fill(packed, queries / panelWidth * panelWidth * columns, padded * columns, 0);
        for (int i = 0; i < queries; i++) {
            int to = i / panelWidth * panelWidth * columns + i % panelWidth;
            int from = x.at(i);
            for (int c = 0; c < columns; c++, to += panelWidth) {
                packed[to] = factor * x.data()[from + c];
            }
        }
        return packed;
    }

    /** Packs n rows of x: panel of columns, row, column. */
    private float[] rows(Rows x, int n, int columns, int slot) {
        float[] packed = scratch.floats(slot, n * Gemm.roundUp(columns, panelWidth));
        for (int c = 0; c < columns; c += panelWidth) {
            int count = Math.min(panelWidth, columns - c);
            for (int i = 0; i < n; i++) {
                int to = c * n + i * panelWidth;
                System.arraycopy(x.data(), x.at(i) + c, packed, to, count);
                if (count < panelWidth) {
                    Arrays.fill(packed, to + count, to + panelWidth, 0);
                }
            }
        }
        return packed;
    }

    /** Products of n rows of x with the block's queries: {@code to[j][i] = sum_c x[j][c] packed[i][c]}. */
    private void scores(Rows x, int n, int columns, float[] packed, int slot, float[] to) {
        RowTiles layout = new RowTiles(gemm, n, columns);
        float[] tiles = scratch.floats(slot, layout.size());
        for (int j = 0; j < n; j++) {
            layout.copy(x.data(), x.at(j), j, tiles, 0);
        }
        int panels = Gemm.roundUp(queries, panelWidth) / panelWidth;
        for (int c = 0; c < columns; c += layout.piece()) {
            boolean start = c == 0;
            for (int j = 0; j < n; j += gemm.tileRows()) {
                int row = j * STRIDE;
                gemm.tiles(
                        Math.min(gemm.tileRows(), n - j),
                        tiles,
                        layout.at(j, c),
                        packed,
                        c * panelWidth,
                        columns * panelWidth,
                        panels,
                        layout.depth(c),
                        start ? Gemm.ZEROS : to,
                        start ? 0 : row,
                        start ? 0 : STRIDE,
                        start ? 0 : panelWidth,
                        to,
                        row,
                        STRIDE);
            }
        }
    }

    /** {@code to[j] += factor sum_i w[j][i] x[i]} for n keys j, over the block's queries i. */
    private void addToKeys(float[] w, int n, float[] x, int columns, float factor, Rows to) {
        int tileRows = gemm.tileRows();
        int width = Gemm.roundUp(columns, panelWidth);
        float[] product = scratch.floats(SLOT_PRODUCT, tileRows * width);
        for (int j = 0; j < n; j += tileRows) {
            int count = Math.min(tileRows, n - j);
            gemm.tiles(
                    count,
                    w,
                    j * STRIDE,
                    x,
                    0,
                    queries * panelWidth,
                    width / panelWidth,
                    queries,
                    Gemm.ZEROS,
                    0,
                    0,
                    0,
                    product,
                    0,
                    width);
            loops.addRows(factor, product, width, count, columns, to.data(), to.at(j), to.stride());
        }
    }

    /** {@code to[i] += scale sum_j dW[j][i] k[j]} for the block's queries i, over n keys j. */
    private void addToQueries(Rows k, int n, Rows to) {
        float[] packed = rows(k, n, keyColumns, SLOT_KEY_ROWS);
        int most = gemm.columnTileRows();
        float[] product = scratch.floats(SLOT_PRODUCT, most * panelWidth);
        for (int c = 0; c < keyColumns; c += panelWidth) {
            int columns = Math.min(panelWidth, keyColumns - c);
            for (int i = 0; i < queries; ) {
                int rows = queries - i > GemmKernel.FEW_COLUMNS ? most : GemmKernel.FEW_COLUMNS;
                Arrays.fill(product, 0, rows * panelWidth, 0);
                gemm.columnTile(rows, dWeights, i, STRIDE, packed, c * n, n, product, 0, product, 0);
                int count = Math.min(rows, queries - i);
                loops.addRows(scale, product, panelWidth, count, columns, to.data(), to.at(i) + c, to.stride());
                i += rows;
            }
        }
    }
}
