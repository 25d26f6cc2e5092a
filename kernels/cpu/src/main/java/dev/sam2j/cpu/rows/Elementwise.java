package dev.sam2j.cpu.rows;

import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.math.Pointwise;
import dev.sam2j.cpu.products.GemmEpilogue;
import dev.sam2j.cpu.products.GemmKernel;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;

/** Operations on corresponding elements. Rows without gaps are worked on in long pieces. */
public final class Elementwise {
    private static final int GRAIN = 1 << 14;

    private Elementwise() {}

    /** The work on {@code n} adjacent elements of an input, a repeated input and an output. */
    private interface Piece {
        void run(int atX, int atRepeated, int atOut, int n);
    }

    /** {@code out = alpha a + beta b}, where the {@code rowsB} rows of b repeat. */
    public static void add(
            Rows a,
            float alpha,
            Rows b,
            int rowsB,
            float beta,
            Rows out,
            int rows,
            int n,
            RowKernels loops,
            Parallel parallel) {
        forPieces(
                a,
                b,
                rowsB,
                out,
                rows,
                n,
                parallel,
                (atA, atB, atOut, length) ->
                        loops.combine(alpha, a.data(), atA, beta, b.data(), atB, out.data(), atOut, length));
    }

    /** {@code out = function(scale x + shift)}. */
    public static void unary(
            Rows x,
            float scale,
            float shift,
            Pointwise function,
            Rows out,
            int rows,
            int n,
            CpuKernels kernels,
            Parallel parallel) {
        RowKernels loops = kernels.rows();
        forPieces(x, x, rows, out, rows, n, parallel, (atX, same, atOut, length) -> {
            loops.affine(scale, x.data(), atX, shift, out.data(), atOut, length);
            activate(kernels.gemm(), function, out.data(), atOut, length);
        });
    }

    /** Copies rows; the {@code rowsX} rows of x repeat. */
    public static void copy(Rows x, int rowsX, Rows out, int rows, int n, Parallel parallel) {
        forPieces(
                out,
                x,
                rowsX,
                out,
                rows,
                n,
                parallel,
                (same, atX, atOut, length) -> System.arraycopy(x.data(), atX, out.data(), atOut, length));
    }

    /** Rounds to bfloat16 and keeps float32. */
    public static void roundToBf16(Rows x, Rows out, int rows, int n, RowKernels loops, Parallel parallel) {
        forPieces(
                x,
                x,
                rows,
                out,
                rows,
                n,
                parallel,
                (atX, same, atOut, length) -> loops.roundToBf16(x.data(), atX, out.data(), atOut, length));
    }

    /** Applies a function in place to adjacent values. */
    static void activate(GemmKernel kernel, Pointwise function, float[] x, int at, int n) {
        if (function != Pointwise.NONE) {
            kernel.finish(x, at, GemmEpilogue.of(null, 0, function), 0, 0, x, at, n);
        }
    }

    private static void forPieces(
            Rows x, Rows repeated, int repeatedRows, Rows out, int rows, int n, Parallel parallel, Piece piece) {
        if (x.stride() == n && repeated.stride() == n && out.stride() == n) {
            int period = repeatedRows * n;
            parallel.forRange(rows * n, GRAIN, (from, to, scratch) -> {
                for (int i = from; i < to; ) {
                    int phase = i % period;
                    int length = Math.min(to - i, period - phase);
                    piece.run(x.offset() + i, repeated.offset() + phase, out.offset() + i, length);
                    i += length;
                }
            });
            return;
        }
        parallel.forRange(rows, Math.max(1, GRAIN / n), (from, to, scratch) -> {
            for (int r = from; r < to; r++) {
                piece.run(x.at(r), repeated.at(r % repeatedRows), out.at(r), n);
            }
        });
    }
}
