package dev.sam2j.kernels.cpu;

import java.util.Arrays;

/**
 * Layout of the operands of one head for {@link Attention}. Queries form panels, transposed: panel, column, query. Keys
 * keep their rows, of an even length. Values form panels within blocks of keys: block, panel of columns, key, column.
 * Whatever a panel lacks is zero; the last panel of values may be one vector wide.
 */
final class AttentionPacking {

    private final AttentionProblem p;
    private final int lanes;
    private final int panelWidth;
    private final int depth;

    AttentionPacking(AttentionProblem problem, AttentionTiles tiles, GemmKernel gemm) {
        this.p = problem;
        this.lanes = tiles.lanes();
        this.panelWidth = gemm.panelWidth();
        this.depth = PackedWeights.evenDepth(problem.keyColumns());
    }

    /** Length of the dot products of queries and keys as the kernels see it: even. */
    int depth() {
        return depth;
    }

    /** Floats of {@code n} packed queries of one head. */
    int querySize(int n) {
        return Gemm.roundUp(n, panelWidth) * depth;
    }

    /** Floats of {@code n} packed keys of one head. */
    int keySize(int n) {
        return n * depth;
    }

    /** Floats of {@code n} packed values of one head. */
    int valueSize(int n) {
        return n * Gemm.roundUp(p.valueColumns(), lanes);
    }

    /** Whether the kernels can read the keys of one head where they lie. */
    boolean keysInPlace() {
        return depth == p.keyColumns();
    }

    /** The keys of a head where they lie. */
    Rows keys(int entry, int head) {
        int start = p.k().at(p.sharedKeys() ? 0 : entry * p.keys()) + head * p.keyColumns();
        return new Rows(p.k().data(), start, p.k().stride());
    }

    /**
     * Packs {@code n} queries: rows {@code from, from + 1, ...} of {@code indices} (all rows in order if null). They
     * are multiplied by {@code scale log2(e)}, so that the softmax can use powers of 2.
     */
    void queries(int entry, int head, int[] indices, int from, int n, float[] packed) {
        float factor = p.scale() * ScalarMath.LOG2_E;
        float[] x = p.q().data();
        Arrays.fill(packed, n / panelWidth * panelWidth * depth, querySize(n), 0);
        for (int i = 0; i < n; i += 4) {
            int to = i / panelWidth * panelWidth * depth + i % panelWidth;
            int a = query(entry, head, indices, from + i);
            if (i + 4 > n) {
                for (int j = i; j < n; j++, to++) {
                    transpose(x, query(entry, head, indices, from + j), factor, packed, to);
                }
                return;
            }
            int b = query(entry, head, indices, from + i + 1);
            int c = query(entry, head, indices, from + i + 2);
            int d = query(entry, head, indices, from + i + 3);
            transpose4(x, a, b, c, d, factor, packed, to);
            if (depth > p.keyColumns()) {
                Arrays.fill(packed, to + p.keyColumns() * panelWidth, to + p.keyColumns() * panelWidth + 4, 0);
            }
        }
    }

    private int query(int entry, int head, int[] indices, int i) {
        int row = entry * p.queries() + (indices == null ? i : indices[i]);
        return p.q().at(row) + head * p.keyColumns();
    }

    private void transpose(float[] x, int a, float factor, float[] packed, int to) {
        int width = panelWidth;
        for (int c = 0; c < p.keyColumns(); c++, to += width) {
            packed[to] = x[a + c] * factor;
        }
    }

    private void transpose4(float[] x, int a, int b, int c, int d, float factor, float[] packed, int to) {
        int width = panelWidth;
        int columns = p.keyColumns();
        for (int i = 0; i < columns; i++, to += width) {
            packed[to] = x[a + i] * factor;
            packed[to + 1] = x[b + i] * factor;
            packed[to + 2] = x[c + i] * factor;
            packed[to + 3] = x[d + i] * factor;
        }
    }

    /** Packs {@code n} keys: rows {@code from, from + 1, ...} of {@code indices} (all rows in order if null). */
    void keys(int entry, int head, int[] indices, int from, int n, float[] packed, int to) {
        int base = p.sharedKeys() ? 0 : entry * p.keys();
        for (int j = from; j < from + n; j++, to += depth) {
            int row = base + (indices == null ? j : indices[j]);
            key(p.k(), row, head, packed, to);
        }
    }

    /** Packs the key of positions outside the grid. */
    void padKey(int head, float[] packed, int to) {
        key(p.padKey(), 0, head, packed, to);
    }

    private void key(Rows rows, int row, int head, float[] packed, int to) {
        int columns = p.keyColumns();
        System.arraycopy(rows.data(), rows.at(row) + head * columns, packed, to, columns);
        if (depth > columns) {
            packed[to + columns] = 0;
        }
    }

    /**
     * Packs the values of a block of {@code n} keys: rows {@code from, from + 1, ...} of {@code indices} (all rows in
     * order if null). Where {@code padded}, the last is the value of positions outside the grid.
     */
    void values(int entry, int head, int[] indices, int from, int n, boolean padded, float[] packed, int to) {
        int base = p.sharedValues() ? 0 : entry * p.keys();
        int inside = padded ? n - 1 : n;
        for (int j = 0; j < inside; j++) {
            int row = base + (indices == null ? from + j : indices[from + j]);
            value(p.v(), row, head, j, n, packed, to);
        }
        if (padded) {
            value(p.padValue(), 0, head, inside, n, packed, to);
        }
    }

    private void value(Rows rows, int row, int head, int j, int n, float[] packed, int offset) {
        int columns = p.valueColumns();
        int start = rows.at(row) + head * columns;
        for (int c = 0; c < columns; c += 2 * lanes) {
            int width = columns - c > lanes ? 2 * lanes : lanes;
            int to = offset + c * n + j * width;
            int present = Math.min(width, columns - c);
            System.arraycopy(rows.data(), start + c, packed, to, present);
            for (int i = present; i < width; i++) {
                packed[to + i] = 0;
            }
        }
    }
}
