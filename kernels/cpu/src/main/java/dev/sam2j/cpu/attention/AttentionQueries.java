package dev.sam2j.cpu.attention;

import dev.sam2j.cpu.math.Exp2;
import dev.sam2j.cpu.math.ScalarMath;
import dev.sam2j.cpu.products.Gemm;
import dev.sam2j.cpu.products.ProductKernel;
import dev.sam2j.cpu.products.RowTiles;
import dev.sam2j.cpu.runtime.Scratch;
import java.util.Arrays;

/** A block of queries of one head on its way through the keys: the packed queries and the state of the softmax. */
final class AttentionQueries {
    private static final int SLOT_QUERIES = 1;
    private static final int SLOT_SCORES = 2;
    private static final int SLOT_OUT = 3;
    private static final int SLOT_MAXIMA = 4;
    private static final int SLOT_SUMS = 5;
    private static final int SLOT_NEW_MAXIMA = 6;
    private static final int SLOT_NEW_SUMS = 7;

    private final AttentionProblem p;
    private final AttentionTiles tiles;
    private final ProductKernel gemm;
    private final int depth;
    private final int width;
    private final int entry;
    private final int head;
    private final int[] indices;
    private final int from;
    private final int n;
    /** {@link #n}, rounded up to whole vectors. */
    private final int columns;
    /** Whether the next keys are the first. */
    private boolean first = true;

    private final float[] q;
    private final float[] scores;
    /** Unnormalised output: (n, rounded up to whole tiles; width). */
    private final float[] out;

    private final float[] maxima;
    private final float[] sums;
    private final float[] newMaxima;
    private final float[] newSums;

    /** Packs {@code n} queries: rows {@code from, from + 1, ...} of {@code indices}, or all rows in order if null. */
    AttentionQueries(
            AttentionProblem problem,
            AttentionTiles tiles,
            ProductKernel gemm,
            AttentionPacking packing,
            int entry,
            int head,
            int[] indices,
            int from,
            int n,
            Scratch scratch) {
        this.p = problem;
        this.tiles = tiles;
        this.gemm = gemm;
        this.depth = gemm.words(problem.keyColumns());
        this.width = Gemm.roundUp(problem.valueColumns(), tiles.lanes());
        this.entry = entry;
        this.head = head;
        this.indices = indices;
        this.from = from;
        this.n = n;
        this.columns = Gemm.roundUp(n, tiles.lanes());
        q = scratch.floats(SLOT_QUERIES, packing.querySize(n));
        scores = scratch.floats(SLOT_SCORES, Gemm.roundUp(Attention.KEY_BLOCK, gemm.tileRows()) * Attention.STRIDE);
        out = scratch.floats(SLOT_OUT, Gemm.roundUp(n, tiles.rows()) * width);
        maxima = scratch.floats(SLOT_MAXIMA, Attention.QUERY_BLOCK);
        sums = scratch.floats(SLOT_SUMS, Attention.QUERY_BLOCK);
        newMaxima = scratch.floats(SLOT_NEW_MAXIMA, Attention.QUERY_BLOCK);
        newSums = scratch.floats(SLOT_NEW_SUMS, Attention.QUERY_BLOCK);
        Arrays.fill(maxima, 0, columns, Exp2.ABSENT);
        Arrays.fill(sums, 0, columns, 0);
        packing.queries(entry, head, indices, from, n, q, scratch);
    }

    /**
     * Adds all keys of a head, block by block.
     *
     * @param packed packed keys from {@code keysAt} on, and packed values from {@code valuesAt} on
     * @param lastBias added to all scores of the last key
     */
    void accumulateAll(RowTiles keyTiles, int keys, float[] packed, int keysAt, int valuesAt, float lastBias) {
        for (int first = 0; first < keys; first += Attention.KEY_BLOCK) {
            int count = Math.min(Attention.KEY_BLOCK, keys - first);
            float bias = first + count == keys ? lastBias : 0;
            accumulate(keyTiles, first, count, packed, keysAt, valuesAt + first * width, bias);
        }
    }

    /**
     * Adds a block of keys.
     *
     * @param packed packed keys from {@code keysAt} on, and packed values of the block from {@code valuesAt} on
     * @param keys number of keys from {@code firstKey} on, which is the first row of a tile
     * @param lastBias added to all scores of the last key
     */
    void accumulate(
            RowTiles keyTiles, int firstKey, int keys, float[] packed, int keysAt, int valuesAt, float lastBias) {
        score(keyTiles, firstKey, keys, packed, keysAt);
        if (lastBias != 0) {
            int last = (keys - 1) * Attention.STRIDE;
            for (int i = last; i < last + n; i++) {
                scores[i] += lastBias;
            }
        }
        add(keys, packed, valuesAt);
    }

    /**
     * Adds a block of keys whose scores are in {@link #scores}.
     *
     * @param packed packed values of the block from {@code valuesAt} on
     */
    void add(int keys, float[] packed, int valuesAt) {
        soften(keys);
        int lanes = tiles.lanes();
        for (int c = 0; c < width; c += 2 * lanes) {
            int vectors = width - c > lanes ? 2 : 1;
            tiles.multiply(scores, n, packed, valuesAt + c * keys, keys, vectors, !first, out, c, width);
        }
        first = false;
    }

    /** The packed queries, in panels of {@link ProductKernel#panelWidth}. */
    float[] packed() {
        return q;
    }

    /** Number of queries. */
    int size() {
        return n;
    }

    /** Room for the scores of a block of keys: a row for each key, {@link Attention#STRIDE} apart. */
    float[] scores() {
        return scores;
    }

    /** Turns the scores into powers relative to the largest so far, and rescales what was summed before. */
    private void soften(int keys) {
        System.arraycopy(maxima, 0, newMaxima, 0, columns);
        tiles.soften(scores, keys, columns, newMaxima, newSums);
        for (int i = 0; i < n; i++) {
            float factor = 1;
            if (newMaxima[i] != maxima[i]) {
                factor = Exp2.of(maxima[i] - newMaxima[i]);
                maxima[i] = newMaxima[i];
                if (!first) {
                    tiles.scale(factor, out, i * width, out, i * width, width);
                }
            }
            sums[i] = sums[i] * factor + newSums[i];
        }
    }

    /** The products of keys and queries. */
    private void score(RowTiles keyTiles, int firstKey, int keys, float[] packed, int keysAt) {
        int tileRows = gemm.tileRows();
        int panelWidth = gemm.panelWidth();
        int panels = (n + panelWidth - 1) / panelWidth;
        for (int k = 0; k < depth; k += keyTiles.piece()) {
            boolean start = k == 0;
            for (int j = 0; j < keys; j += tileRows) {
                int to = j * Attention.STRIDE;
                gemm.tiles(
                        Math.min(tileRows, keys - j),
                        packed,
                        keysAt + keyTiles.at(firstKey + j, k),
                        q,
                        k * panelWidth,
                        depth * panelWidth,
                        panels,
                        keyTiles.depth(k),
                        start ? Gemm.ZEROS : scores,
                        start ? 0 : to,
                        start ? 0 : Attention.STRIDE,
                        start ? 0 : panelWidth,
                        scores,
                        to,
                        Attention.STRIDE);
            }
        }
    }

    /** Writes the result. */
    void finish() {
        float[] to = p.out().data();
        for (int i = 0; i < n; i++) {
            int row = entry * p.queries() + (indices == null ? from + i : indices[from + i]);
            int at = p.out().at(row) + head * p.valueColumns();
            tiles.scale(1 / sums[i], out, i * width, to, at, p.valueColumns());
            if (p.logSumExp() != null) {
                // Scores were multiplied by log2(e).
                double log = maxima[i] / ScalarMath.LOG2_E + Math.log(sums[i]);
                p.logSumExp().data()[p.logSumExp().at(row) + head] = (float) log;
            }
        }
    }
}
