package dev.sam2j.cuda.rows;

import dev.sam2j.cuda.ptx.Activations;
import dev.sam2j.cuda.ptx.ElementTypes;
import dev.sam2j.cuda.ptx.KernelRunner;
import dev.sam2j.cuda.ptx.Matrix;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.Reference;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.DType;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ElementwiseKernelsTest {
    /** A few float32 roundings of values up to 20, and the error of the activations. */
    private static final double BOUND = 4e-6;

    private static final DType[] TYPES = DType.values();

    private final Random random = new Random(11);
    private final KernelRunner runner = new KernelRunner();

    @Test
    void geluIsAccurateOverItsWholeRange() {
        PtxKernel kernel = new CudaUnary.Kernel(DType.F32, 1).write();
        int rows = 160;
        Matrix x = Matrix.empty(rows, 250, 250, DType.F32);
        for (int i = 0; i < rows * 250; i++) {
            x.set(i / 250, i % 250, (i - rows * 125) * 0.0006f);
        }
        x.set(0, 0, -1e30f);
        x.set(0, 1, 1e30f);
        x.set(0, 2, -Float.MIN_VALUE);
        Matrix y = Matrix.empty(rows, 250, 250, DType.F32);
        runner.launch(
                kernel,
                kernel.gridOver(rows * 250),
                runner.in("x", x),
                250,
                1f,
                0f,
                runner.out("y", y),
                250,
                rows,
                250,
                Activations.code(Activation.GELU));
        y.check("gelu", 1.5e-7, (r, c) -> Reference.activate(Activation.GELU, x.get(r, c)));
    }

    @ParameterizedTest
    @CsvSource({"6,37,41,1", "9,36,44,4"})
    void addAndUnary(int rows, int columns, int stride, int width) {
        for (DType type : TYPES) {
            PtxKernel kernel = new CudaAdd.Kernel(type, width).write();
            Matrix a = Matrix.random(rows, columns, stride, type, random);
            Matrix b = Matrix.random(rows / 3, columns, columns, type, random);
            Matrix y = a.copy();
            long at = runner.out("a and y", y);
            PtxKernel.Grid grid = kernel.gridOver(rows * columns / width);
            runner.launch(
                    kernel,
                    grid,
                    at,
                    stride,
                    0.75f,
                    runner.in("b", b),
                    columns,
                    rows / 3,
                    -1.5f,
                    at,
                    stride,
                    rows,
                    columns);
            y.check(kernel.entry(), BOUND, (r, c) -> 0.75 * a.get(r, c) - 1.5 * b.get(r % (rows / 3), c));
            for (Activation activation : Activation.values()) {
                PtxKernel unary = new CudaUnary.Kernel(type, width).write();
                Matrix z = Matrix.empty(rows, columns, columns, type);
                runner.launch(
                        unary,
                        grid,
                        runner.in("a", a),
                        stride,
                        20f,
                        -10f,
                        runner.out("z", z),
                        columns,
                        rows,
                        columns,
                        Activations.code(activation));
                z.check(unary.entry(), BOUND, (r, c) -> Reference.activate(activation, 20.0 * a.get(r, c) - 10));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"6,37,41,1", "9,36,44,4"})
    void roundToBf16(int rows, int columns, int stride, int width) {
        for (DType in : ElementTypes.FINER_THAN_BF16) {
            for (DType out : ElementTypes.FINER_THAN_BF16) {
                PtxKernel round = new CudaRoundToBf16.Kernel(in, out, width).write();
                Matrix x = Matrix.random(rows, columns, stride, in, random);
                Matrix y = in == out ? x.copy() : Matrix.empty(rows, columns, stride, out);
                long to = runner.out("y", y);
                long from = in == out ? to : runner.in("x", x);
                runner.launch(round, round.gridOver(rows * columns / width), from, stride, to, stride, rows, columns);
                y.check(round.entry(), 0, (r, c) -> Matrix.round(DType.BF16, x.get(r, c)));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"20,24,true", "20,23,false", "2,3,false"})
    void rotary(int columns, int stride, boolean fours) {
        int rows = 15;
        int tableRows = 5;
        for (DType type : TYPES) {
            PtxKernel kernel = new CudaRotary.Kernel(type, fours).write();
            Matrix x = Matrix.random(rows, columns, stride, type, random);
            Matrix table = Matrix.random(tableRows, columns, columns, DType.F32, random);
            Matrix y = x.copy();
            long at = runner.out("x and y", y);
            runner.launch(
                    kernel,
                    kernel.gridOver(rows * columns / (fours ? 4 : 2)),
                    at,
                    stride,
                    runner.in("table", table),
                    tableRows,
                    at,
                    stride,
                    rows,
                    columns);
            y.check(kernel.entry(), BOUND, (r, c) -> {
                int even = c & ~1;
                double cos = table.get(r % tableRows, even);
                double sin = table.get(r % tableRows, even + 1);
                return c == even
                        ? x.get(r, c) * cos - x.get(r, c + 1) * sin
                        : x.get(r, c - 1) * sin + x.get(r, c) * cos;
            });
        }
    }
}
