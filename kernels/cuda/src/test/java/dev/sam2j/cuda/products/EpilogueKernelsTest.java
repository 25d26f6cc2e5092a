package dev.sam2j.cuda.products;

import dev.sam2j.cuda.ptx.Activations;
import dev.sam2j.cuda.ptx.ElementTypes;
import dev.sam2j.cuda.ptx.KernelRunner;
import dev.sam2j.cuda.ptx.Matrix;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.Reference;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.DType;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EpilogueKernelsTest {
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
                    PtxKernel kernel = new CudaEpilogue.Kernel(in, out, width).write();
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

    @ParameterizedTest
    @CsvSource({"5,1", "8,4"})
    void pixelShuffle(int columns, int width) {
        int batch = 2;
        int h = 3;
        int w = 5;
        for (DType in : TYPES) {
            for (DType out : ElementTypes.companions(in)) {
                for (Activation activation : Activation.values()) {
                    PtxKernel kernel = new CudaConvTranspose2d.PixelShuffle(in, out, width).write();
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
