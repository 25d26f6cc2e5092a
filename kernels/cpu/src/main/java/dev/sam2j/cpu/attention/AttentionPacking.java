package dev.sam2j.cpu.attention;

import dev.sam2j.cpu.math.ScalarMath;
import dev.sam2j.cpu.products.Gemm;
import dev.sam2j.cpu.products.ProductKernel;
import dev.sam2j.cpu.products.RowTiles;
import dev.sam2j.cpu.runtime.CpuStorage;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.cpu.runtime.Scratch;
import java.util.Arrays;

/**
 * Layout of the operands of one head for {@link Attention}. Queries form panels, transposed: panel, word, query. Keys
 * form {@link RowTiles}. Values form panels within blocks of keys: block, panel of columns, key, column. Whatever a
 * panel lacks is zero; the last panel of values may be one vector wide.
 */
final class AttentionPacking {
    private static final int SLOT_WORDS = 15;

    private final AttentionProblem p;
    private final AttentionTiles tiles;
    private final int lanes;
    private final ProductKernel gemm;
    private final int panelWidth;
    private final int columns;
    private final int depth;

    AttentionPacking(AttentionProblem problem, AttentionTiles tiles, ProductKernel gemm) {
        this.p = problem;
        this.tiles = tiles;
        this.lanes = tiles.lanes();
        this.gemm = gemm;
        this.panelWidth = gemm.panelWidth();
        this.columns = problem.keyColumns();
        this.depth = gemm.words(columns);
    }

    /** Floats of {@code n} packed queries of one head. */
    int querySize(int n) {
        return Gemm.roundUp(n, panelWidth) * depth;
    }

    /** Layout of {@code n} packed keys of one head. */
    RowTiles keyTiles(int n) {
        return new RowTiles(gemm, n, columns);
    }

    /** Floats of {@code n} packed values of one head. */
    int valueSize(int n) {
        return n * Gemm.roundUp(p.valueColumns(), lanes);
    }

    /**
     * Packs {@code n} queries: rows {@code from, from + 1, ...} of {@code indices} (all rows in order if null). They
     * are multiplied by {@code scale log2(e)}, so that the softmax can use powers of 2.
     */
    void queries(int entry, int head, int[] indices, int from, int n, float[] packed, Scratch scratch) {
        float factor = p.scale() * ScalarMath.LOG2_E;
        float[] words = scratch.floats(SLOT_WORDS, 4 * depth);
        Arrays.fill(packed, n / panelWidth * panelWidth * depth, querySize(n), 0);
        for (int i = 0; i < n; i += 4) {
            int count = Math.min(4, n - i);
            for (int j = 0; j < count; j++) {
                int at = query(entry, head, indices, from + i + j);
                gemm.toWords(p.q().data(), at, columns, factor, words, j * depth);
            }
            Arrays.fill(words, count * depth, 4 * depth, 0);
            transpose4(words, packed, i / panelWidth * panelWidth * depth + i % panelWidth);
        }
    }

    private int query(int entry, int head, int[] indices, int i) {
        int row = entry * p.queries() + (indices == null ? i : indices[i]);
        return p.q().at(row) + head * p.keyColumns();
    }

    /** Writes four rows as columns; panels are multiples of four wide. */
    private void transpose4(float[] rows, float[] packed, int to) {
        int width = panelWidth;
        int n = depth;
        for (int i = 0; i < n; i++, to += width) {
            packed[to] = rows[i];
            packed[to + 1] = rows[n + i];
            packed[to + 2] = rows[2 * n + i];
            packed[to + 3] = rows[3 * n + i];
        }
    }

    /**
     * Packs {@code n} keys: rows {@code from, from + 1, ...} of {@code indices} (all rows in order if null).
     *
     * @param first number of the first one in {@code tiles}
     */
    void keys(int entry, int head, int[] indices, int from, int n, RowTiles tiles, int first, float[] packed, int to) {
        int base = p.sharedKeys() ? 0 : entry * p.keys();
        for (int j = 0; j < n; j++) {
            int row = base + (indices == null ? from + j : indices[from + j]);
            tiles.copy(p.k().data(), p.k().at(row) + head * columns, first + j, packed, to);
        }
    }

    /** Packs the key of positions outside the grid as row {@code number} of {@code tiles}. */
    void padKey(int head, RowTiles tiles, int number, float[] packed, int to) {
        Rows key = CpuStorage.rows(p.windows().padKey());
        tiles.copy(key.data(), key.offset() + head * columns, number, packed, to);
    }

    /**
     * Packs the values of {@code n} keys, block by block: those in {@code indices} (all rows in order if null). Those
     * from {@code inside} on, one at most, are the value of positions outside the grid.
     */
    void allValues(int entry, int head, int[] indices, int n, int inside, float[] packed, int to) {
        for (int first = 0; first < n; first += Attention.KEY_BLOCK) {
            int count = Math.min(Attention.KEY_BLOCK, n - first);
            values(entry, head, indices, first, count, first + count > inside, packed, to + valueSize(first));
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
            value(CpuStorage.rows(p.windows().padValue()), 0, head, inside, n, packed, to);
        }
        for (int c = 0; c < p.valueColumns(); c += 2 * lanes) {
            tiles.packValues(packed, to + c * n, n, p.valueColumns() - c > lanes ? 2 : 1);
        }
    }

    private void value(Rows rows, int row, int head, int j, int n, float[] packed, int offset) {
        int all = p.valueColumns();
        int start = rows.at(row) + head * all;
        for (int c = 0; c < all; c += 2 * lanes) {
            int width = all - c > lanes ? 2 * lanes : lanes;
            int to = offset + c * n + j * width;
            int count = Math.min(width, all - c);
            System.arraycopy(rows.data(), start + c, packed, to, count);
            Arrays.fill(packed, to + count, to + width, 0);
        }
    }
}
