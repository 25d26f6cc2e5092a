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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LayerNormKernelTest {
    private static final float EPS = 1e-6f;
    /** Values reach about 10 after the factors, float32 steps there are 1e-6; 6e-7 is seen. */
    private static final double BOUND = 3e-6;

    @ParameterizedTest
    @CsvSource({"7,37,41,1", "5,96,100,4", "3,4,4,4", "9,256,256,4", "2,1,3,1", "6,144,148,1"})
    void normalisesRows(int rows, int columns, int stride, int width) {
        for (DType in : DType.values()) {
            for (DType out : ElementTypes.companions(in)) {
                for (Activation activation : Activation.values()) {
                    PtxKernel kernel = new CudaLayerNorm.Kernel(in, out, width).write();
                    run(kernel, kernel.gridOver(rows, 4), in, out, activation, rows, columns, stride);
                }
            }
        }
    }

    /** Every layout, with as many columns as it takes and with fewer. */
    @ParameterizedTest
    @EnumSource
    void normalisesRowsInRegisters(DType in) {
        for (LayerNormRegistersKernel.Layout layout : RowKernels.layouts(in)) {
            int most = layout.chunk() * layout.lanes() * layout.steps();
            int fewer = Math.max(layout.chunk(), most - layout.chunk() * (layout.lanes() / 2 + 1));
            for (DType out : ElementTypes.companions(in)) {
                PtxKernel kernel = new LayerNormRegistersKernel(in, out, layout).write();
                int rows = 2 * kernel.threads() / layout.lanes() + 3;
                for (int columns : new int[] {most, fewer}) {
                    for (Activation activation : Activation.values()) {
                        if (activation == Activation.NONE || layout.activated()) {
                            PtxKernel.Grid grid = kernel.gridOver(rows, LayerNormRegistersKernel.rowsPerBlock(layout));
                            run(kernel, grid, in, out, activation, rows, columns, columns + 8);
                        }
                    }
                }
            }
        }
    }

    /** Every layout, full and not, with rows that are wider than the norm's. */
    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16"})
    void addsAndNormalisesInOnePass(DType half) {
        for (LayerNormRegistersKernel.Layout layout : RowKernels.updatingLayouts()) {
            PtxKernel kernel = new LayerNormRegistersKernel.Updating(half, layout).write();
            int most = 4 * layout.lanes() * layout.steps();
            int rows = 2 * kernel.threads() / layout.lanes() + 3;
            for (int columns : new int[] {most, Math.max(4, most - 4 * (layout.lanes() / 2 + 1))}) {
                Random random = new Random(columns);
                Matrix x = Matrix.random(rows, columns, columns + 8, DType.F32, random);
                Matrix update = Matrix.random(rows, columns, columns + 4, half, random);
                Matrix bias = Matrix.vector(columns, random);
                Matrix gamma = Matrix.vector(columns, random);
                Matrix beta = Matrix.vector(columns, random);
                Matrix sum = x.copy();
                Matrix y = Matrix.empty(rows, columns, columns, half);
                KernelRunner runner = new KernelRunner();
                runner.launch(
                        kernel,
                        kernel.gridOver(rows, LayerNormRegistersKernel.rowsPerBlock(layout)),
                        runner.out("sum", sum),
                        sum.stride(),
                        runner.in("update", update),
                        update.stride(),
                        runner.in("bias", bias),
                        runner.in("gamma", gamma),
                        runner.in("beta", beta),
                        EPS,
                        runner.out("y", y),
                        y.stride(),
                        rows,
                        columns);
                sum.check(
                        kernel.entry() + " sum",
                        1e-6,
                        (r, c) -> (double) x.get(r, c) + update.get(r, c) + bias.get(0, c));
                check(kernel.entry(), sum, gamma, beta, Activation.NONE, y);
            }
        }
    }

    private static void run(
            PtxKernel kernel,
            PtxKernel.Grid grid,
            DType in,
            DType out,
            Activation activation,
            int rows,
            int columns,
            int stride) {
        Random random = new Random(columns);
        Matrix x = Matrix.random(rows, columns, stride, in, random);
        Matrix gamma = Matrix.vector(columns, random);
        Matrix beta = Matrix.vector(columns, random);
        Matrix y = Matrix.empty(rows, columns, stride, out);
        KernelRunner runner = new KernelRunner();
        long gammaAt = runner.in("gamma", gamma);
        long betaAt = runner.in("beta", beta);
        runner.launch(
                kernel,
                grid,
                runner.in("x", x),
                stride,
                gammaAt,
                betaAt,
                EPS,
                runner.out("y", y),
                stride,
                rows,
                columns,
                Activations.code(activation));
        check(kernel.entry(), x, gamma, beta, activation, y);

        if (in == out) {
            Matrix inPlace = x.copy();
            long at = runner.out("in place", inPlace);
            runner.launch(
                    kernel,
                    grid,
                    at,
                    stride,
                    gammaAt,
                    betaAt,
                    EPS,
                    at,
                    stride,
                    rows,
                    columns,
                    Activations.code(activation));
            inPlace.check(kernel.entry() + " in place", 0, (r, c) -> y.get(r, c));
        }
    }

    private static void check(String what, Matrix x, Matrix gamma, Matrix beta, Activation activation, Matrix y) {
        double[] mean = new double[x.rows()];
        double[] variance = new double[x.rows()];
        for (int row = 0; row < x.rows(); row++) {
            for (int column = 0; column < x.columns(); column++) {
                mean[row] += x.get(row, column) / (double) x.columns();
            }
            for (int column = 0; column < x.columns(); column++) {
                double deviation = x.get(row, column) - mean[row];
                variance[row] += deviation * deviation / x.columns();
            }
        }
        y.check(
                what,
                BOUND,
                (r, c) -> Reference.activate(
                        activation,
                        (x.get(r, c) - mean[r]) / Math.sqrt(variance[r] + EPS) * gamma.get(0, c) + beta.get(0, c)));
    }
}
