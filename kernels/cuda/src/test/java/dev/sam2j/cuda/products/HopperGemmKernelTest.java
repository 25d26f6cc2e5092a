package dev.sam2j.cuda.products;

import dev.sam2j.cuda.ptx.ElementTypes;
import dev.sam2j.cuda.ptx.KernelRunner;
import dev.sam2j.cuda.ptx.Matrix;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.Reference;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.DType;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class HopperGemmKernelTest {
    private static final HopperGemmConfig SMALL =
            new HopperGemmConfig(DType.BF16, 1, 1, 48, 3, 1, Activation.NONE, DType.BF16);

    private final Random random = new Random(22);
    private final KernelRunner runner = new KernelRunner();

    /** Sums of {@code depth} products of order 1, in float32, times a scale that is rarely above 4. */
    private static double bound(int depth) {
        return 8e-7 * depth + 4e-6;
    }

    static List<HopperGemmConfig> configs() {
        return ProductKernels.gemmConfigs();
    }

    /** One tile and a row and some columns more, more depth than one stage, all parts of the epilogue. */
    @ParameterizedTest
    @MethodSource("configs")
    void everyKernel(HopperGemmConfig config) {
        check(config, config.rows() + 1, config.columns() + 8, 72, 2, true);
    }

    @ParameterizedTest
    @CsvSource({"1,8,8,1", "64,48,64,1", "65,56,200,2", "200,104,448,1", "200,104,264,3", "130,136,600,4"})
    void oddSizes(int rows, int columns, int depth, int multiprocessors) {
        for (DType out : ElementTypes.companions(DType.BF16)) {
            HopperGemmConfig config = new HopperGemmConfig(DType.BF16, 1, 1, 48, 3, 1, Activation.GELU, out);
            check(config, rows, columns, depth, multiprocessors, true);
            check(config, rows, columns, depth, multiprocessors, false);
        }
    }

    private void check(
            HopperGemmConfig config, int rows, int columns, int depth, int multiprocessors, boolean repeated) {
        PtxKernel kernel = config.write();
        Matrix x = Matrix.random(rows, depth, depth + 8, config.factors(), random);
        Matrix w = Matrix.random(columns, depth, depth, config.factors(), random);
        Matrix bias = Matrix.vector(columns, random);
        Matrix scale = Matrix.vector(columns, random);
        int residualRows = repeated ? Math.max(1, rows / 3) : rows;
        Matrix residual = Matrix.random(residualRows, columns, columns + 16, config.out(), random);
        Matrix y = Matrix.empty(rows, columns, columns + 8, config.out());
        runner.launch(
                kernel,
                HopperGemmKernel.grid(config, rows, columns, multiprocessors),
                runner.in("x", x),
                x.stride(),
                runner.in("w", w),
                w.stride(),
                runner.in("bias", bias),
                runner.in("scale", scale),
                runner.in("residual", residual),
                residual.stride(),
                residualRows,
                runner.out("y", y),
                y.stride(),
                rows,
                columns,
                depth);
        y.check(
                kernel.entry(),
                bound(depth),
                (r, c) -> residual.get(r % residualRows, c)
                        + scale.get(0, c)
                                * Reference.activate(config.activation(), Reference.dot(x, r, w, c) + bias.get(0, c)));
    }

    @Test
    void plainProduct() {
        PtxKernel kernel = SMALL.write();
        Matrix x = Matrix.random(70, 80, 80, DType.BF16, random);
        Matrix w = Matrix.random(64, 80, 80, DType.BF16, random);
        Matrix y = Matrix.empty(70, 64, 64, DType.BF16);
        launch(kernel, x, w, 0, 0, 1, runner.out("y", y), y);
        y.check(kernel.entry(), bound(80), (r, c) -> Reference.dot(x, r, w, c));
    }

    @Test
    void residualMayBeTheDestination() {
        PtxKernel kernel = SMALL.write();
        Matrix x = Matrix.random(70, 80, 80, DType.BF16, random);
        Matrix w = Matrix.random(64, 80, 80, DType.BF16, random);
        Matrix y = Matrix.random(70, 64, 72, DType.BF16, random);
        Matrix before = y.copy();
        long at = runner.out("y", y);
        launch(kernel, x, w, at, y.stride(), y.rows(), at, y);
        y.check(kernel.entry(), bound(80), (r, c) -> before.get(r, c) + Reference.dot(x, r, w, c));
    }

    private void launch(
            PtxKernel kernel, Matrix x, Matrix w, long residual, int stride, int residualRows, long at, Matrix y) {
        runner.launch(
                kernel,
                HopperGemmKernel.grid(SMALL, y.rows(), y.columns(), 2),
                runner.in("x", x),
                x.stride(),
                runner.in("w", w),
                w.stride(),
                0L,
                0L,
                residual,
                stride,
                residualRows,
                at,
                y.stride(),
                y.rows(),
                y.columns(),
                x.columns());
    }
}
