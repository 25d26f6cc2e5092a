package dev.sam2j.kernels.cpu;

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
    private static final int SLOT_KEYS = 9;

    /** Keys that are copied together: whole tiles, few enough for the second-level cache. */
    private static final int COPIED_KEYS = 48;

    private final AttentionProblem p;
    private final AttentionTiles tiles;
    private final GemmKernel gemm;
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
    /** Room for {@link #COPIED_KEYS} keys, or null. */
    private final float[] copiedKeys;

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
            GemmKernel gemm,
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
        this.depth = packing.depth();
        this.width = Gemm.roundUp(problem.valueColumns(), tiles.lanes());
        this.entry = entry;
        this.head = head;
        this.indices = indices;
        this.from = from;
        this.n = n;
        this.columns = Gemm.roundUp(n, tiles.lanes());
        boolean copied = gemm.fastStride() > 0 && depth <= Gemm.BLOCK_DEPTH && n > gemm.panelWidth();
        copiedKeys = copied ? scratch.floats(SLOT_KEYS, COPIED_KEYS * gemm.fastStride()) : null;
        q = scratch.floats(SLOT_QUERIES, packing.querySize(n));
        scores = scratch.floats(SLOT_SCORES, Gemm.roundUp(Attention.KEY_BLOCK, gemm.tileRows()) * Attention.STRIDE);
        out = scratch.floats(SLOT_OUT, Gemm.roundUp(n, tiles.rows()) * width);
        maxima = scratch.floats(SLOT_MAXIMA, Attention.QUERY_BLOCK);
        sums = scratch.floats(SLOT_SUMS, Attention.QUERY_BLOCK);
        newMaxima = scratch.floats(SLOT_NEW_MAXIMA, Attention.QUERY_BLOCK);
        newSums = scratch.floats(SLOT_NEW_SUMS, Attention.QUERY_BLOCK);
        Arrays.fill(maxima, 0, columns, Exp2.ABSENT);
        Arrays.fill(sums, 0, columns, 0);
        packing.queries(entry, head, indices, from, n, q);
    }

    /**
     * Adds a block of keys.
     *
     * @param k rows of an even length
     * @param keys number of rows from {@code firstKey} on
     * @param v packed values of these keys from {@code valuesAt} on
     * @param lastBias added to all scores of the last key
     */
    void accumulate(Rows k, int firstKey, int keys, float[] v, int valuesAt, float lastBias) {
        score(k, firstKey, keys);
        if (lastBias != 0) {
            int last = (keys - 1) * Attention.STRIDE;
            for (int i = last; i < last + n; i++) {
                scores[i] += lastBias;
            }
        }
        soften(keys);
        int lanes = tiles.lanes();
        for (int c = 0; c < width; c += 2 * lanes) {
            int vectors = width - c > lanes ? 2 : 1;
            for (int i = 0; i < n; i += tiles.rows()) {
                tiles.multiply(scores, i, v, valuesAt + c * keys, keys, vectors, !first, out, i * width + c, width);
            }
        }
        first = false;
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

    /** The products of keys and queries; keys that meet many queries are copied to where tiles are fastest. */
    private void score(Rows k, int firstKey, int keys) {
        if (copiedKeys == null) {
            score(k.data(), k.at(firstKey), k.stride(), 0, keys);
            return;
        }
        int stride = gemm.fastStride();
        for (int from = 0; from < keys; from += COPIED_KEYS) {
            int count = Math.min(COPIED_KEYS, keys - from);
            for (int j = 0; j < count; j++) {
                System.arraycopy(k.data(), k.at(firstKey + from + j), copiedKeys, j * stride, depth);
            }
            score(copiedKeys, 0, stride, from, count);
        }
    }

    private void score(float[] k, int at, int stride, int firstRow, int keys) {
        int tileRows = gemm.tileRows();
        for (int i = 0; i < n; i += gemm.panelWidth()) {
            for (int j = 0; j < keys; j += tileRows) {
                gemm.tile(
                        Math.min(tileRows, keys - j),
                        k,
                        at + j * stride,
                        stride,
                        q,
                        i * depth,
                        depth,
                        Gemm.ZEROS,
                        0,
                        0,
                        scores,
                        (firstRow + j) * Attention.STRIDE + i,
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
        }
    }
}
