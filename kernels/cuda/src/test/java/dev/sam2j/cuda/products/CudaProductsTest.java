package dev.sam2j.cuda.products;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.Precision;
import dev.sam2j.cuda.CudaBackend;
import dev.sam2j.cuda.FakeCuda;
import dev.sam2j.cuda.FakeCudaDriver;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.host.HalfPrecision;
import dev.sam2j.tensor.reference.ReferenceBackend;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products in own kernels, forced by a setting at sizes that a host can run, against the CPU. */
class CudaProductsTest {
    private final Random random = new Random(12);

    /** A product of one layer; operands lie in wider tensors from column {@code gap} on. */
    private record Case(int rows, int in, int out, int gap, Activation activation, boolean wide, boolean inPlace) {}

    @ParameterizedTest
    @CsvSource({
        // rows, in, out, gap, activation, float32 result, residual in place, products in the library
        "70, 40, 24, 8, NONE, false, true, 0",
        "70, 40, 24, 8, GELU, false, false, 0",
        "131, 136, 200, 16, RELU, false, false, 0",
        "131, 64, 104, 0, NONE, true, true, 0",
        "131, 64, 104, 8, NONE, true, false, 0",
        "3, 40, 23, 8, SIGMOID, true, false, 0",
        "64, 256, 4, 8, SIGMOID, false, true, 0",
        // no tile writes float32 after an activation, rows that are not aligned, or a part of a group of columns
        "70, 40, 24, 8, GELU, true, false, 1",
        "70, 40, 24, 4, NONE, false, false, 1",
        "70, 40, 25, 8, NONE, false, false, 1",
        "70, 36, 24, 4, NONE, false, false, 1",
        "7, 36, 24, 4, NONE, false, false, 1"
    })
    void productsOfAnyLayout(
            int rows, int in, int out, int gap, Activation activation, boolean wide, boolean inPlace, int library) {
        Case c = new Case(rows, in, out, gap, activation, wide, inPlace);
        float[][] values = {values(rows * (in + gap)), values(out * in), values(out), values(out), values(rows * out)};
        float[] expected;
        try (Ops ops = new Ops(new ReferenceBackend())) {
            expected = run(ops, c, values);
        }
        for (String choice : new String[] {"own", "2x1x96x4x2"}) {
            FakeCudaDriver driver = new FakeCudaDriver();
            try (CudaBackend backend = new CudaBackend(driver, Precision.BF16, FakeCuda.settings(choice));
                    Ops ops = new Ops(backend)) {
                float[] actual = run(ops, c, values);
                assertEquals(library, driver.count(FakeCudaDriver.Call.GEMM), "products in the library");
                // A bfloat16 result is rounded once by an own kernel, before and after the epilogue otherwise.
                double rounding = !wide ? 0x1p-8 : 0;
                double early = library > 0 && !wide ? 0x1p-8 * 4 * Math.sqrt(in) : 0;
                for (int i = 0; i < expected.length; i++) {
                    double bound = 2e-6 * in + rounding * Math.abs(expected[i]) + 4 * early;
                    assertTrue(
                            Math.abs(actual[i] - expected[i]) <= bound,
                            choice + ", element " + i + ": expected " + expected[i] + ", got " + actual[i]);
                }
            }
        }
    }

    private static float[] run(Ops ops, Case c, float[][] values) {
        Tensor x = upload(ops, values[0], c.rows, c.in + c.gap).columns(c.gap, c.gap + c.in);
        PackedMatrix w = ops.backend().pack(values[1], c.out, c.in);
        Tensor around = c.wide ? ops.emptyF32(c.rows, c.out + c.gap) : ops.empty(c.rows, c.out + c.gap);
        Tensor y = around.columns(c.gap, c.gap + c.out);
        Tensor residual = c.inPlace ? y : c.wide ? ops.emptyF32(c.rows, c.out) : ops.empty(c.rows, c.out);
        ops.backend().upload(values[4], 0, residual);
        Epilogue epilogue =
                new Epilogue(ops.tensor(values[2], c.out), c.activation, ops.tensor(values[3], c.out), residual);
        ops.backend().gemm(x, w, epilogue, y);
        float[] result = ops.toHost(y);
        w.close();
        return result;
    }

    private static Tensor upload(Ops ops, float[] values, int... dims) {
        Tensor tensor = ops.empty(dims);
        ops.backend().upload(values, 0, tensor);
        return tensor;
    }

    /** Values that bfloat16 holds exactly. */
    private float[] values(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = HalfPrecision.fromBf16(HalfPrecision.toBf16((float) random.nextGaussian()));
        }
        return values;
    }
}
