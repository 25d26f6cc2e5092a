package dev.sam2j.cpu.training;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.rows.RowKernels;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Tensor;

/**
 * The gradient of rows that were repeated, such as a bias, which is one row: blocks of repeats are summed in float32,
 * blocks in float64.
 */
final class SumRepeats {
    /** Repeats in a block. */
    private static final int BLOCK = 128;
    /** Values of a row that are summed together. */
    private static final int PIECE = 1 << 12;

    private final Rows dY;
    private final Rows dX;
    private final int repeats;
    private final int rows;
    private final int n;
    private final int pieces;
    private final RowKernels loops;
    private final Parallel parallel;

    private SumRepeats(Tensor dY, Tensor dX, RowKernels loops, Parallel parallel) {
        boolean oneRow = dY.isContiguous() && dX.isContiguous();
        this.repeats = dY.rows() / dX.rows();
        this.rows = oneRow ? 1 : dX.rows();
        this.n = oneRow ? dX.rows() * dX.cols() : dX.cols();
        this.dY = oneRow ? new Rows(rows(dY).data(), rows(dY).offset(), n) : rows(dY);
        this.dX = rows(dX);
        this.pieces = (n + PIECE - 1) / PIECE;
        this.loops = loops;
        this.parallel = parallel;
    }

    /** {@code dX += } the sum of dY's rows that repeat one of dX's. */
    static void run(Tensor dY, Tensor dX, RowKernels loops, Parallel parallel) {
        new SumRepeats(dY, dX, loops, parallel).run();
    }

    private void run() {
        if (repeats <= BLOCK) {
            forEachPiece(1, (block, row, column, length) -> addBlock(0, row, column, length, dX.data(), dX.at(row)));
            return;
        }
        int blocks = (repeats + BLOCK - 1) / BLOCK;
        int size = rows * n;
        float[] sums = new float[Math.multiplyExact(blocks, size)];
        forEachPiece(
                blocks,
                (block, row, column, length) -> addBlock(block, row, column, length, sums, block * size + row * n));
        forEachPiece(1, (block, row, column, length) -> {
            for (int c = column; c < column + length; c++) {
                double sum = 0;
                for (int i = row * n + c; i < sums.length; i += size) {
                    sum += sums[i];
                }
                dX.data()[dX.at(row) + c] += (float) sum;
            }
        });
    }

    /** Adds a block of repeats of a piece of a row. */
    private void addBlock(int block, int row, int column, int length, float[] sums, int at) {
        int end = Math.min(repeats, (block + 1) * BLOCK);
        for (int repeat = block * BLOCK; repeat < end; repeat++) {
            int from = dY.at(repeat * rows + row) + column;
            loops.add(sums, at + column, dY.data(), from, sums, at + column, length);
        }
    }

    private interface Body {
        void run(int block, int row, int column, int length);
    }

    private void forEachPiece(int blocks, Body body) {
        int tasksOfBlock = rows * pieces;
        int grain = Math.max(1, PIECE / (4 * n));
        parallel.forRange(blocks * tasksOfBlock, grain, (from, to, scratch) -> {
            for (int task = from; task < to; task++) {
                int column = task % pieces * PIECE;
                int row = task % tasksOfBlock / pieces;
                body.run(task / tasksOfBlock, row, column, Math.min(PIECE, n - column));
            }
        });
    }
}
