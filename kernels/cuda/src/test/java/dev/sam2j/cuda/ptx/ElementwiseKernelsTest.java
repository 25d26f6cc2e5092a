package dev.sam2j.cuda.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;

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

    @ParameterizedTest
    @CsvSource({"6,37,41,1", "10,36,44,4", "10,40,48,8"})
    void epilogue(int rows, int columns, int stride, int width) {
        for (DType in : TYPES) {
            for (DType out : ElementTypes.companions(in)) {
                for (Activation activation : Activation.values()) {
                    PtxKernel kernel = ElementwiseKernels.epilogue(in, out, width);
                    Matrix x = Matrix.random(rows, columns, stride, in, random);
                    Matrix bias = Matrix.vector(columns, random);
                    Matrix scale = Matrix.vector(columns, random);
                    Matrix residual = Matrix.random(rows / 2, columns, stride, out, random);
                    Matrix y = Matrix.empty(rows, columns, columns, out);
                    Matrix plain = Matrix.empty(rows, columns, columns, out);
                    long xAt = runner.in("x", x);
                    PtxKernel.Grid grid = kernel.gridOver(rows * columns / width);
                    runner.launch(
                            kernel,
                            grid,
                            xAt,
                            stride,
                            runner.in("bias", bias),
                            runner.in("scale", scale),
                            runner.in("residual", residual),
                            stride,
                            rows / 2,
                            runner.out("y", y),
                            columns,
                            rows,
                            columns,
                            Activations.code(activation));
                    y.check(
                            kernel.entry(),
                            BOUND,
                            (r, c) -> residual.get(r % (rows / 2), c)
                                    + scale.get(0, c)
                                            * Reference.activate(activation, (double) x.get(r, c) + bias.get(0, c)));
                    runner.launch(
                            kernel,
                            grid,
                            xAt,
                            stride,
                            0L,
                            0L,
                            0L,
                            0,
                            1,
                            runner.out("plain", plain),
                            columns,
                            rows,
                            columns,
                            Activations.code(activation));
                    plain.check(
                            kernel.entry() + " plain", BOUND, (r, c) -> Reference.activate(activation, x.get(r, c)));
                }
            }
        }
    }

    @Test
    void geluIsAccurateOverItsWholeRange() {
        PtxKernel kernel = ElementwiseKernels.unary(DType.F32, 1);
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
            PtxKernel kernel = ElementwiseKernels.add(type, width);
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
                PtxKernel unary = ElementwiseKernels.unary(type, width);
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
    void copy(int rows, int columns, int stride, int width) {
        for (DType in : TYPES) {
            for (DType out : ElementTypes.companions(in)) {
                PtxKernel kernel = ElementwiseKernels.copy(in, out, width);
                Matrix x = Matrix.random(rows / 3, columns, columns, in, random);
                Matrix y = Matrix.empty(rows, columns, stride, out);
                runner.launch(
                        kernel,
                        kernel.gridOver(rows * columns / width),
                        runner.in("x", x),
                        columns,
                        rows / 3,
                        runner.out("y", y),
                        stride,
                        rows,
                        columns);
                y.check(kernel.entry(), 0, (r, c) -> Matrix.round(out, x.get(r % (rows / 3), c)));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"6,37,41,1", "9,36,44,4"})
    void roundToBf16(int rows, int columns, int stride, int width) {
        for (DType in : ElementTypes.FINER_THAN_BF16) {
            for (DType out : ElementTypes.FINER_THAN_BF16) {
                PtxKernel round = ElementwiseKernels.roundToBf16(in, out, width);
                Matrix x = Matrix.random(rows, columns, stride, in, random);
                Matrix y = in == out ? x.copy() : Matrix.empty(rows, columns, stride, out);
                long to = runner.out("y", y);
                long from = in == out ? to : runner.in("x", x);
                runner.launch(round, round.gridOver(rows * columns / width), from, stride, to, stride, rows, columns);
                y.check(round.entry(), 0, (r, c) -> Matrix.round(DType.BF16, x.get(r, c)));
            }
        }
    }

    /** What float16 cannot hold becomes the largest number that it can; NaN stays NaN. */
    @Test
    void storesOfFloat16Saturate() {
        PtxKernel kernel = ElementwiseKernels.copy(DType.F32, DType.F16, 4);
        float[] values = {65504, 65519, 65520, 1e9f, -1e9f, Float.POSITIVE_INFINITY, Float.NaN, 0x1p-24f};
        float[] stored = {65504, 65504, 65504, 65504, -65504, 65504, Float.NaN, 0x1p-24f};
        Matrix x = Matrix.empty(1, values.length, values.length, DType.F32);
        for (int i = 0; i < values.length; i++) {
            x.set(0, i, values[i]);
        }
        Matrix y = Matrix.empty(1, values.length, values.length, DType.F16);
        runner.launch(
                kernel,
                kernel.gridOver(values.length / 4),
                runner.in("x", x),
                values.length,
                1,
                runner.out("y", y),
                values.length,
                1,
                values.length);
        for (int i = 0; i < values.length; i++) {
            assertEquals(stored[i], y.get(0, i), "of " + values[i]);
        }
    }

    @ParameterizedTest
    @CsvSource({"20,24,true", "20,23,false", "2,3,false"})
    void rotary(int columns, int stride, boolean fours) {
        int rows = 15;
        int tableRows = 5;
        for (DType type : TYPES) {
            PtxKernel kernel = fours ? ElementwiseKernels.rotary(type) : ElementwiseKernels.rotaryPairs(type);
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

    @ParameterizedTest
    @CsvSource({"5,1", "8,4"})
    void pixelShuffle(int columns, int width) {
        int batch = 2;
        int h = 3;
        int w = 5;
        for (DType in : TYPES) {
            for (DType out : ElementTypes.companions(in)) {
                for (Activation activation : Activation.values()) {
                    PtxKernel kernel = ElementwiseKernels.pixelShuffle(in, out, width);
                    int rows = batch * 4 * h * w;
                    Matrix x = Matrix.random(batch * h * w, 4 * columns, 4 * columns + 4, in, random);
                    Matrix bias = Matrix.vector(columns, random);
                    Matrix residual = Matrix.random(4 * h * w, columns, columns, out, random);
                    Matrix y = Matrix.empty(rows, columns, columns + 4, out);
                    runner.launch(
                            kernel,
                            kernel.gridOver(rows * columns / width),
                            runner.in("x", x),
                            x.stride(),
                            runner.in("bias", bias),
                            0L,
                            runner.in("residual", residual),
                            columns,
                            4 * h * w,
                            runner.out("y", y),
                            y.stride(),
                            rows,
                            columns,
                            Activations.code(activation),
                            w);
                    y.check(kernel.entry(), BOUND, (r, c) -> {
                        int b = r / (4 * h * w);
                        int oy = r / (2 * w) % (2 * h);
                        int ox = r % (2 * w);
                        int group = oy % 2 * 2 + ox % 2;
                        double value = x.get((b * h + oy / 2) * w + ox / 2, group * columns + c);
                        return residual.get(r % (4 * h * w), c)
                                + Reference.activate(activation, value + bias.get(0, c));
                    });
                }
            }
        }
    }
}
