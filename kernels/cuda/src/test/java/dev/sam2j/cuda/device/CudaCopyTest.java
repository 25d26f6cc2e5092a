package dev.sam2j.cuda.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sam2j.cuda.ptx.ElementTypes;
import dev.sam2j.cuda.ptx.KernelRunner;
import dev.sam2j.cuda.ptx.Matrix;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.tensor.DType;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CudaCopyTest {
    private static final DType[] TYPES = DType.values();

    private final Random random = new Random(11);
    private final KernelRunner runner = new KernelRunner();

    @ParameterizedTest
    @CsvSource({"6,37,41,1", "9,36,44,4"})
    void copy(int rows, int columns, int stride, int width) {
        for (DType in : TYPES) {
            for (DType out : ElementTypes.companions(in)) {
                PtxKernel kernel = new CudaCopy.Kernel(in, out, width).write();
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

    /** What float16 cannot hold becomes the largest number that it can; NaN stays NaN. */
    @Test
    void storesOfFloat16Saturate() {
        PtxKernel kernel = new CudaCopy.Kernel(DType.F32, DType.F16, 4).write();
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
}
