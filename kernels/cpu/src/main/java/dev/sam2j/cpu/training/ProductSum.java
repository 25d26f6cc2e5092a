package dev.sam2j.cpu.training;

import dev.sam2j.cpu.attention.Attention;
import dev.sam2j.cpu.attention.AttentionTiles;
import dev.sam2j.cpu.products.Gemm;
import dev.sam2j.cpu.rows.RowKernels;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.cpu.runtime.Scratch;
import java.util.Arrays;

/**
 * {@code c[i][j] += sum_n a[n][i] b[n][j]}: the sum over rows of products of each column of a with each column of b.
 * Tiles of {@link AttentionTiles} take both factors as they lie, a piece of rows at a time.
 *
 * <p>Rows are cut into chunks whose number depends on the shape alone. Chunks are summed by different threads, each
 * piece by piece, and then joined in pairs, so that the result does not depend on the number of threads, and a sum of
 * many rows loses no more than one of few.
 */
final class ProductSum {
    /** Rows whose part of a panel stays in the first-level cache. */
    private static final int PIECE = 128;

    /** Rows of c that a task computes, and columns: what it collects stays in the second-level cache. */
    private static final int BLOCK_ROWS = 264;

    private static final int BLOCK_COLUMNS = 256;

    /** Columns of a that are laid out for tiles at once. */
    private static final int STRIP = Attention.QUERY_BLOCK;

    private static final int LEAST_CHUNK = 4 * PIECE;
    private static final int MOST_CHUNKS = 16;
    /** Floats of all chunks together, unless one takes more. */
    private static final int MOST_PARTIALS = 1 << 22;

    private static final int SLOT_LEFT = 0;
    private static final int SLOT_RIGHT = 1;
    private static final int SLOT_SUMS = 2;
    private static final int SLOT_PARTIALS = 3;

    private final Rows a;
    private final boolean transposed;
    private final Rows b;
    private final int n;
    private final Rows c;
    private final int rows;
    private final int columns;
    private final AttentionTiles tiles;
    private final RowKernels loops;
    private final Parallel parallel;

    private final int chunk;
    private final int chunks;
    private final int rowBlocks;
    private final int columnBlocks;

    /**
     * The sum over n rows.
     *
     * @param a (n, rows), or (rows, n) if {@code transposed}
     * @param b (n, columns)
     * @param c (rows, columns)
     */
    ProductSum(
            Rows a,
            boolean transposed,
            Rows b,
            int n,
            Rows c,
            int rows,
            int columns,
            AttentionTiles tiles,
            RowKernels loops,
            Parallel parallel) {
        this.a = a;
        this.transposed = transposed;
        this.b = b;
        this.n = n;
        this.c = c;
        this.rows = rows;
        this.columns = columns;
        this.tiles = tiles;
        this.loops = loops;
        this.parallel = parallel;
        long most = Math.min(MOST_CHUNKS, MOST_PARTIALS / ((long) rows * columns));
        int wanted = (int) Math.max(1, Math.min(most, n / LEAST_CHUNK));
        chunk = Gemm.roundUp(blocks(n, wanted), PIECE);
        chunks = blocks(n, chunk);
        rowBlocks = blocks(rows, BLOCK_ROWS);
        columnBlocks = blocks(columns, BLOCK_COLUMNS);
    }

    private static int blocks(int n, int size) {
        return (n + size - 1) / size;
    }

    void run() {
        if (chunks == 1) {
            parallel.forEach(rowBlocks * columnBlocks, (task, scratch) -> new Task(task, scratch).run(c, true));
            return;
        }
        parallel.forEach(1, (one, caller) -> {
            int size = rows * columns;
            float[] partials = caller.floats(SLOT_PARTIALS, chunks * size);
            parallel.forEach(chunks * rowBlocks * columnBlocks, (task, scratch) -> {
                Rows partial = new Rows(partials, task / (rowBlocks * columnBlocks) * size, columns);
                new Task(task, scratch).run(partial, false);
            });
            parallel.forRange(
                    rows,
                    Math.max(1, PIECE * BLOCK_COLUMNS / columns / chunks),
                    (from, to, scratch) -> join(partials, from, to));
        });
    }

    /** Adds the chunks of some rows in pairs, then all of them to c. */
    private void join(float[] partials, int from, int to) {
        int size = rows * columns;
        int length = (to - from) * columns;
        for (int step = 1; step < chunks; step *= 2) {
            for (int i = 0; i + step < chunks; i += 2 * step) {
                int at = i * size + from * columns;
                loops.add(partials, at, partials, at + step * size, partials, at, length);
            }
        }
        for (int row = from; row < to; row++) {
            loops.add(c.data(), c.at(row), partials, row * columns, c.data(), c.at(row), columns);
        }
    }

    /** A block of c and a chunk of rows. */
    private final class Task {
        private final int firstRow;
        private final int rowCount;
        private final int firstColumn;
        private final int columnCount;
        private final int width;
        private final int first;
        private final int end;
        private final float[] left;
        private final float[] right;
        private final float[] sums;

        Task(int task, Scratch scratch) {
            firstRow = task % rowBlocks * BLOCK_ROWS;
            rowCount = Math.min(BLOCK_ROWS, rows - firstRow);
            firstColumn = task / rowBlocks % columnBlocks * BLOCK_COLUMNS;
            columnCount = Math.min(BLOCK_COLUMNS, columns - firstColumn);
            width = Gemm.roundUp(columnCount, tiles.lanes());
            first = task / rowBlocks / columnBlocks * chunk;
            end = Math.min(n, first + chunk);
            left = scratch.floats(SLOT_LEFT, PIECE * Attention.STRIDE);
            right = scratch.floats(SLOT_RIGHT, PIECE * width);
            sums = scratch.floats(SLOT_SUMS, Gemm.roundUp(BLOCK_ROWS, tiles.rows()) * width);
        }

        /** Writes the sums to their place in {@code to}, or adds them. */
        void run(Rows to, boolean add) {
            int panel = 2 * tiles.lanes();
            for (int from = first; from < end; from += PIECE) {
                int count = Math.min(PIECE, end - from);
                for (int column = 0; column < width; column += panel) {
                    right(from, count, column, Math.min(panel, width - column));
                }
                for (int row = 0; row < rowCount; row += STRIP) {
                    int strip = Math.min(STRIP, rowCount - row);
                    left(from, count, firstRow + row, strip);
                    for (int column = 0; column < width; column += panel) {
                        int vectors = width - column < panel ? 1 : 2;
                        int at = row * width + column;
                        tiles.multiply(
                                left, strip, right, column * count, count, vectors, from > first, sums, at, width);
                    }
                }
            }
            for (int row = 0; row < rowCount; row++) {
                int at = to.at(firstRow + row) + firstColumn;
                if (add) {
                    loops.add(to.data(), at, sums, row * width, to.data(), at, columnCount);
                } else {
                    System.arraycopy(sums, row * width, to.data(), at, columnCount);
                }
            }
        }

        /** Lays out a panel of b, with zeros for missing columns. */
        private void right(int from, int count, int column, int panelWidth) {
            int present = Math.min(panelWidth, columnCount - column);
            int to = column * count;
            for (int k = from; k < from + count; k++, to += panelWidth) {
                System.arraycopy(b.data(), b.at(k) + firstColumn + column, right, to, present);
                if (present < panelWidth) {
                    Arrays.fill(right, to + present, to + panelWidth, 0);
                }
            }
        }

        /** Lays out columns of a. */
        private void left(int from, int count, int column, int strip) {
            if (!transposed) {
                for (int k = 0; k < count; k++) {
                    System.arraycopy(a.data(), a.at(from + k) + column, left, k * Attention.STRIDE, strip);
                }
                return;
            }
            for (int i = 0; i < strip; i++) {
                int at = a.at(column + i) + from;
                for (int k = 0; k < count; k++) {
                    left[k * Attention.STRIDE + i] = a.data()[at + k];
                }
            }
        }
    }
}
