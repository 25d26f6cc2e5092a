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

class FewRowsGemmKernelTest {
    private final Random random = new Random(21);
    private final KernelRunner runner = new KernelRunner();

    /** Sums of {@code depth} products of order 1, in float32, times a scale that is rarely above 4. */
    private static double bound(int depth) {
        return 8e-7 * depth + 4e-6;
    }

    @ParameterizedTest
    @CsvSource({"1,4,32", "8,32,256", "17,13,40", "5,9,1096", "33,24,2048"})
    void productWithEpilogue(int rows, int columns, int depth) {
        ElementTypes.HALVES.forEach(factors -> productWithEpilogue(factors, rows, columns, depth));
    }

    private void productWithEpilogue(DType factors, int rows, int columns, int depth) {
        for (DType type : ElementTypes.companions(factors)) {
            for (Activation activation : Activation.values()) {
                PtxKernel kernel = new FewRowsGemmKernel(factors, type).write();
                Matrix x = Matrix.random(rows, depth, depth + 8, factors, random);
                Matrix w = Matrix.random(columns, depth, depth, factors, random);
                Matrix bias = Matrix.vector(columns, random);
                Matrix scale = Matrix.vector(columns, random);
                int repeated = rows > 1 && rows % 2 == 1 ? 1 : rows;
                Matrix residual = Matrix.random(repeated, columns, columns + 3, type, random);
                Matrix y = Matrix.empty(rows, columns, columns + 5, type);
                long xAt = runner.in("x", x);
                long wAt = runner.in("w", w);
                runner.launch(
                        kernel,
                        FewRowsGemmKernel.grid(rows, columns),
                        xAt,
                        x.stride(),
                        wAt,
                        w.stride(),
                        runner.in("bias", bias),
                        runner.in("scale", scale),
                        runner.in("residual", residual),
                        residual.stride(),
                        repeated,
                        runner.out("y", y),
                        y.stride(),
                        rows,
                        columns,
                        depth,
                        Activations.code(activation));
                y.check(
                        kernel.entry(),
                        bound(depth),
                        (r, c) -> residual.get(r % repeated, c)
                                + scale.get(0, c)
                                        * Reference.activate(activation, Reference.dot(x, r, w, c) + bias.get(0, c)));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"9,20,64"})
    void residualMayBeTheDestination(int rows, int columns, int depth) {
        DType factors = DType.BF16;
        for (DType type : ElementTypes.companions(factors)) {
            PtxKernel kernel = new FewRowsGemmKernel(factors, type).write();
            Matrix x = Matrix.random(rows, depth, depth, factors, random);
            Matrix w = Matrix.random(columns, depth, depth, factors, random);
            Matrix y = Matrix.random(rows, columns, columns + 1, type, random);
            Matrix before = y.copy();
            long at = runner.out("y", y);
            runner.launch(
                    kernel,
                    FewRowsGemmKernel.grid(rows, columns),
                    runner.in("x", x),
                    x.stride(),
                    runner.in("w", w),
                    w.stride(),
                    0L,
                    0L,
                    at,
                    y.stride(),
                    rows,
                    at,
                    y.stride(),
                    rows,
                    columns,
                    depth,
                    Activations.code(Activation.NONE));
            y.check(kernel.entry(), bound(depth), (r, c) -> before.get(r, c) + Reference.dot(x, r, w, c));
        }
    }
}
