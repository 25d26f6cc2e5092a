package dev.sam2j.cuda.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.Precision;
import dev.sam2j.cuda.CudaBackend;
import dev.sam2j.cuda.FakeCuda;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Section;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.reference.ReferenceBackend;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sums that are put off appear wherever somebody looks, and only once. */
class DeferredUpdateTest {
    private static final int ROWS = 4099;
    private static final int WIDTH = 24;

    private final float[] x = values(ROWS * WIDTH, 1);
    private final float[] matrix = values(WIDTH * WIDTH, 2);
    private final float[] parameters = values(3 * WIDTH, 3);

    private static float[] values(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = Float.intBitsToFloat(Float.floatToRawIntBits((float) random.nextGaussian()) & 0xffff0000);
        }
        return values;
    }

    /** What uses the sum. */
    private interface Use {
        Tensor of(Ops ops, Tensor sum, Tensor gamma, Tensor beta);
    }

    private float[][] run(Ops ops, Use use, boolean captured) {
        try (Storage constants = ops.backend().allocateConstant(DType.F32, 3 * WIDTH);
                PackedMatrix w = ops.backend().pack(matrix, WIDTH, WIDTH)) {
            Tensor all = Tensor.of(constants, 0, Shape.of(3, WIDTH));
            ops.backend().upload(parameters, 0, all);
            Tensor bias = all.slice(0, 1);
            Tensor in = ops.empty(ROWS, WIDTH);
            Tensor sum = ops.emptyF32(ROWS, WIDTH);
            Tensor result = ops.empty(ROWS, WIDTH);
            ops.backend().upload(x, 0, in);
            for (int i = 0; i < (captured ? 3 : 1); i++) {
                ops.backend().upload(x, 0, sum);
                Runnable body = () -> {
                    ops.gemm(in, w, Epilogue.bias(bias).plus(sum), sum);
                    ops.copy(use.of(ops, sum, all.slice(1, 2), all.slice(2, 3)), result);
                    ops.gemm(in, w, Epilogue.bias(bias).plus(sum), sum);
                };
                if (captured) {
                    ops.capture(Section.of("a sum", this), body, in, sum, result);
                } else {
                    body.run();
                }
            }
            return new float[][] {ops.toHost(result), ops.toHost(sum)};
        }
    }

    private void check(Use use, int fused) {
        float[][] expected;
        try (Ops ops = new Ops(new ReferenceBackend())) {
            expected = run(ops, use, false);
        }
        check(use, fused, expected, Precision.BF16, 0x1p-7);
        check(use, fused, expected, Precision.FP16, 0x1p-10);
    }

    private void check(Use use, int fused, float[][] expected, Precision precision, double step) {
        for (boolean captured : new boolean[] {false, true}) {
            try (CudaBackend backend = (CudaBackend) FakeCuda.backend(precision);
                    Ops ops = new Ops(backend)) {
                float[][] actual = run(ops, use, captured);
                for (int part = 0; part < 2; part++) {
                    for (int i = 0; i < expected[part].length; i++) {
                        double bound = step * (Math.abs(expected[part][i]) + 4 * Math.sqrt(WIDTH));
                        assertTrue(
                                Math.abs(actual[part][i] - expected[part][i]) <= bound,
                                "element " + i + " of " + part + ": expected " + expected[part][i] + ", got "
                                        + actual[part][i]);
                    }
                }
                assertEquals(
                        captured ? 2 * fused : fused,
                        backend.device().deferredUpdate().fused(),
                        "sums computed with a norm");
            }
        }
    }

    @Test
    void withTheNormThatFollows() {
        check((ops, sum, gamma, beta) -> ops.layerNorm(sum, gamma, beta, 1e-6f), 1);
    }

    @Test
    void aloneWhereSomethingElseFollows() {
        check((ops, sum, gamma, beta) -> sum, 0);
        check(
                (ops, sum, gamma, beta) -> {
                    Tensor other = ops.emptyF32(ROWS, WIDTH);
                    ops.unary(sum, 2, 0, Activation.NONE, other);
                    return ops.layerNorm(other, gamma, beta, 1e-6f);
                },
                0);
        check(
                (ops, sum, gamma, beta) -> {
                    ops.layerNorm(sum, gamma, beta, 1e-6f, Activation.GELU, sum);
                    return sum;
                },
                0);
    }
}
