package dev.sam2j.kernels.cpu;

/**
 * Layout of the keys and values of one head for {@link Attention}. Keys form panels of 2 vectors, transposed: panel,
 * column, key. Values form panels within blocks of keys: block, panel of columns, key, column. Keys and value columns
 * are filled up with zeros to whole vectors; the last panel may be one vector wide.
 */
final class AttentionPacking {
    private final AttentionProblem p;
    private final int lanes;

    AttentionPacking(AttentionProblem problem, int lanes) {
        this.p = problem;
        this.lanes = lanes;
    }

    static int roundUp(int n, int multiple) {
        return (n + multiple - 1) / multiple * multiple;
    }

    /** Floats of {@code n} packed keys of one head. */
    int keySize(int n) {
        return roundUp(n, lanes) * p.keyColumns();
    }

    /** Floats of {@code n} packed values of one head. */
    int valueSize(int n) {
        return n * roundUp(p.valueColumns(), lanes);
    }

    /**
     * Packs a block of {@code count} keys and their values: rows {@code from, from + 1, ...} of {@code indices} (all
     * rows in order if null). Where {@code padded}, the last key of the block is the padding.
     */
    void block(
            int entry,
            int head,
            int[] indices,
            int from,
            int count,
            boolean padded,
            float[] packed,
            int keysAt,
            int valuesAt) {
        int keyBase = p.sharedKeys() ? 0 : entry * p.keys();
        int valueBase = p.sharedValues() ? 0 : entry * p.keys();
        int keyColumn = head * p.keyColumns();
        int valueColumn = head * p.valueColumns();
        int rows = padded ? count - 1 : count;
        for (int j = 0; j < rows; j++) {
            int row = indices == null ? from + j : indices[from + j];
            key(p.k().data(), p.k().at(keyBase + row) + keyColumn, j, count, packed, keysAt);
            value(p.v().data(), p.v().at(valueBase + row) + valueColumn, j, count, packed, valuesAt);
        }
        if (padded) {
            key(p.padKey().data(), p.padKey().offset() + keyColumn, rows, count, packed, keysAt);
            value(p.padValue().data(), p.padValue().offset() + valueColumn, rows, count, packed, valuesAt);
        }
        fillUpKeys(count, packed, keysAt);
    }

    private int panelWidth(int n, int first) {
        return n - first > lanes ? 2 * lanes : lanes;
    }

    private void key(float[] data, int start, int j, int count, float[] packed, int offset) {
        int first = j / (2 * lanes) * (2 * lanes);
        int width = panelWidth(count, first);
        int columns = p.keyColumns();
        int to = offset + first * columns + j - first;
        for (int c = 0; c < columns; c++) {
            packed[to + c * width] = data[start + c];
        }
    }

    private void fillUpKeys(int count, float[] packed, int offset) {
        int first = (count - 1) / (2 * lanes) * (2 * lanes);
        int width = panelWidth(count, first);
        for (int j = count; j < first + width; j++) {
            int to = offset + first * p.keyColumns() + j - first;
            for (int c = 0; c < p.keyColumns(); c++) {
                packed[to + c * width] = 0;
            }
        }
    }

    private void value(float[] data, int start, int j, int count, float[] packed, int offset) {
        int columns = p.valueColumns();
        for (int c = 0; c < columns; c += 2 * lanes) {
            int width = panelWidth(columns, c);
            int to = offset + c * count + j * width;
            int present = Math.min(width, columns - c);
            System.arraycopy(data, start + c, packed, to, present);
            for (int i = present; i < width; i++) {
                packed[to + i] = 0;
            }
        }
    }
}
