package dev.sam2j.kernels.cpu;

import java.util.Arrays;

/**
 * A block of queries of one head on its way through the keys: the packed queries and the state of the online softmax.
 */
final class AttentionQueries {
    private static final float LOG2_E = 1.44269504f;
    /** Score of keys that only fill up a vector: finite, and its power vanishes beside any other. */
    private static final float ABSENT = -1e30f;

    private static final int SLOT_QUERIES = 1;
    private static final int SLOT_SCORES = 2;
    private static final int SLOT_OUT = 3;
    private static final int SLOT_STATE = 4;

    private final AttentionProblem p;
    private final AttentionTiles tiles;
    private final int lanes;
    private final int width;
    private final int entry;
    private final int head;
    private final int[] indices;
    private final int from;
    private final int n;
    /** {@link #n}, rounded up to whole tiles. */
    private final int rows;

    private final float[] q;
    private final float[] scores;
    /** Unnormalised output: (rows, width). */
    private final float[] out;
    /** Largest score so far of each row, then the sum of powers of each row. */
    private final float[] state;

    /** Packs {@code n} queries: rows {@code from, from + 1, ...} of {@code indices}, or all rows in order if null. */
    AttentionQueries(
            AttentionProblem problem,
            AttentionTiles tiles,
            int entry,
            int head,
            int[] indices,
            int from,
            int n,
            Scratch scratch) {
        this.p = problem;
        this.tiles = tiles;
        this.lanes = tiles.lanes();
        this.width = AttentionPacking.roundUp(problem.valueColumns(), lanes);
        this.entry = entry;
        this.head = head;
        this.indices = indices;
        this.from = from;
        this.n = n;
        this.rows = AttentionPacking.roundUp(n, tiles.rows());
        int pieces = (problem.keyColumns() + Attention.BLOCK - 1) / Attention.BLOCK;
        q = scratch.floats(SLOT_QUERIES, pieces * rows * Attention.STRIDE);
        scores = scratch.floats(SLOT_SCORES, tiles.rows() * Attention.STRIDE);
        out = scratch.floats(SLOT_OUT, rows * width);
        state = scratch.floats(SLOT_STATE, 2 * rows);
        packQueries();
        Arrays.fill(out, 0, rows * width, 0);
        Arrays.fill(state, 0, rows, ABSENT);
        Arrays.fill(state, rows, 2 * rows, 0);
    }

    private int row(int i) {
        return entry * p.queries() + (indices == null ? from + i : indices[from + i]);
    }

    /** Multiplies by {@code scale log2(e)}, so that the softmax can use powers of 2. */
    private void packQueries() {
        float factor = p.scale() * LOG2_E;
        float[] data = p.q().data();
        for (int first = 0, piece = 0; first < p.keyColumns(); first += Attention.BLOCK, piece++) {
            int depth = Math.min(Attention.BLOCK, p.keyColumns() - first);
            for (int i = 0; i < rows; i++) {
                int to = (piece * rows + i) * Attention.STRIDE;
                if (i >= n) {
                    Arrays.fill(q, to, to + depth, 0);
                    continue;
                }
                int start = p.q().at(row(i)) + head * p.keyColumns() + first;
                for (int c = 0; c < depth; c++) {
                    q[to + c] = data[start + c] * factor;
                }
            }
        }
    }

    /** Adds a packed block of {@code count} keys, the last of which stands for {@code lastWeight} equal ones. */
    void accumulate(float[] packed, int keysAt, int valuesAt, int count, int lastWeight) {
        for (int tile = 0; tile < rows; tile += tiles.rows()) {
            score(tile, packed, keysAt, count);
            for (int r = 0; r < tiles.rows(); r++) {
                soften(tile + r, r * Attention.STRIDE, count, lastWeight);
            }
            for (int c = 0; c < width; c += 2 * lanes) {
                int vectors = width - c > lanes ? 2 : 1;
                tiles.multiply(scores, 0, packed, valuesAt + c * count, count, vectors, out, tile * width + c, width);
            }
        }
    }

    /** The products of a tile of queries with a block of keys. */
    private void score(int tile, float[] packed, int keysAt, int count) {
        int filled = AttentionPacking.roundUp(count, lanes);
        for (int r = 0; r < tiles.rows(); r++) {
            int at = r * Attention.STRIDE;
            Arrays.fill(scores, at, at + count, 0);
            Arrays.fill(scores, at + count, at + filled, ABSENT);
        }
        int columns = p.keyColumns();
        for (int first = 0; first < count; first += 2 * lanes) {
            int vectors = count - first > lanes ? 2 : 1;
            for (int c = 0; c < columns; c += Attention.BLOCK) {
                int depth = Math.min(Attention.BLOCK, columns - c);
                int queriesAt = (c / Attention.BLOCK * rows + tile) * Attention.STRIDE;
                int panel = keysAt + first * columns + c * vectors * lanes;
                tiles.multiply(q, queriesAt, packed, panel, depth, vectors, scores, first, Attention.STRIDE);
            }
        }
    }

    /** Turns the scores of a row into powers relative to the largest so far, and rescales what was summed before. */
    private void soften(int row, int at, int count, int lastWeight) {
        int filled = AttentionPacking.roundUp(count, lanes);
        float before = state[row];
        float top = tiles.max(scores, at, filled, before);
        float sum = tiles.exp2(scores, at, filled, top);
        if (lastWeight > 1) {
            float last = scores[at + count - 1];
            scores[at + count - 1] = last * lastWeight;
            sum += last * (lastWeight - 1);
        }
        if (top != before) {
            float factor = Exp2.of(before - top);
            tiles.scale(out, row * width, width, factor);
            sum += state[rows + row] * factor;
            state[row] = top;
        } else {
            sum += state[rows + row];
        }
        state[rows + row] = sum;
    }

    /** Writes the result. */
    void finish() {
        float[] data = p.out().data();
        for (int i = 0; i < n; i++) {
            float factor = 1 / state[rows + i];
            int to = p.out().at(row(i)) + head * p.valueColumns();
            int start = i * width;
            for (int c = 0; c < p.valueColumns(); c++) {
                data[to + c] = out[start + c] * factor;
            }
        }
    }
}
