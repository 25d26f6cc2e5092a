package dev.sam2j.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.Precision;
import dev.sam2j.cuda.device.CudaSettings;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.DeviceMemory;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.host.HalfPrecision;
import dev.sam2j.tensor.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What the contract of operations does not cover: mixed element types, split work, memory, threads. */
class CudaBackendTest {
    private final Random random = new Random(11);

    /** Values that bfloat16 holds exactly. */
    private float[] values(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = HalfPrecision.fromBf16(HalfPrecision.toBf16((float) random.nextGaussian()));
        }
        return values;
    }

    private static void assertClose(float[] expected, float[] actual, double bound) {
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < expected.length; i++) {
            assertTrue(
                    Math.abs(expected[i] - actual[i]) <= bound * (1 + Math.abs(expected[i])),
                    "element " + i + ": expected " + expected[i] + ", got " + actual[i]);
        }
    }

    private static float[] on(Backend backend, Function<Ops, Tensor> program) {
        try (backend;
                Ops ops = new Ops(backend)) {
            return ops.toHost(program.apply(ops));
        }
    }

    private static float[] onCpu(Function<Ops, Tensor> program) {
        return on(new ReferenceBackend(), program);
    }

    private static Tensor half(Ops ops, float[] values, int... dims) {
        Tensor tensor = ops.empty(dims);
        ops.backend().upload(values, 0, tensor);
        return tensor;
    }

    @Test
    void float32ResultsOfBfloat16FactorsAreNotRounded() {
        float[] x = values(12 * 40);
        float[] w = values(10 * 40);
        float[] bias = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
        Function<Ops, Tensor> program = ops -> {
            PackedMatrix matrix = ops.backend().pack(w, 10, 40);
            Tensor y = ops.emptyF32(12, 10);
            ops.gemm(
                    half(ops, x, 12, 40),
                    matrix,
                    Epilogue.bias(ops.tensor(bias, 10)).with(Activation.SIGMOID),
                    y);
            return y;
        };
        assertClose(onCpu(program), on(FakeCuda.backend(Precision.BF16), program), 2e-6);
        assertClose(onCpu(program), on(FakeCuda.backend(Precision.FP16), program), 2e-6);
        Function<Ops, Tensor> products = ops -> {
            Tensor y = ops.emptyF32(3, 4, 12);
            ops.backend().matmul(half(ops, x, 3, 4, 40), half(ops, x, 1, 12, 40), y);
            return y;
        };
        assertClose(onCpu(products), on(FakeCuda.backend(Precision.BF16), products), 2e-5);
        assertClose(onCpu(products), on(FakeCuda.backend(Precision.FP16), products), 2e-5);
    }

    @Test
    void operandsOfOtherTypesAreConverted() {
        float[] a = values(6 * 24);
        float[] b = values(6 * 24);
        float[] table = values(3 * 24);
        float[] w = values(24 * 24);
        Function<Ops, Tensor> program = ops -> {
            Tensor wide = ops.tensor(a, 1, 6, 24);
            Tensor narrow = half(ops, b, 1, 6, 24);
            ops.add(wide, 1, narrow, 0.5f, wide); // float32 with a bfloat16 operand
            ops.rotary(wide, half(ops, table, 3, 24), narrow);
            Tensor y = ops.layerNorm(
                    wide,
                    ops.tensor(table, 3, 24).slice(0, 1),
                    half(ops, table, 3, 24).slice(1, 2),
                    1e-5f);
            ops.gemm(wide, ops.backend().pack(w, 24, 24), Epilogue.NONE.plus(narrow), y);
            ops.unary(y, 1, 0, Activation.GELU, narrow);
            Tensor attended = ops.attention(wide, narrow, narrow, AttentionSpec.global(2, 24));
            ops.maxPool2d(attended.reshape(1, 6, 2, 12));
            return ops.interpolate(attended.reshape(1, 2, 3, 24), Interpolation.BICUBIC, 3, 5);
        };
        assertClose(onCpu(program), on(FakeCuda.backend(Precision.BF16), program), 0.05);
        assertClose(onCpu(program), on(FakeCuda.backend(Precision.FP16), program), 0.05 / 8);
        assertClose(onCpu(program), on(FakeCuda.backend(Precision.FP32), program), 1e-4);
    }

    /** TF32 keeps 10 bits of each factor: errors of 2^-11 in each of 64 products of order 1. */
    @Test
    void tf32RoundsFactorsOnly() {
        float[] x = new float[64];
        float[] w = new float[64];
        for (int i = 0; i < 64; i++) {
            x[i] = (float) random.nextGaussian();
            w[i] = (float) random.nextGaussian();
        }
        Function<Ops, Tensor> program =
                ops -> ops.gemm(ops.tensor(x, 1, 64), ops.backend().pack(w, 1, 64), Epilogue.NONE);
        float[] expected = onCpu(program);
        float[] actual = on(FakeCuda.backend(Precision.TF32), program);
        assertClose(expected, actual, 1e-2);
        assertTrue(Math.abs(expected[0] - actual[0]) > 1e-6, "nothing was rounded");
    }

    @Test
    void manyKeysAreSplit() {
        float[] q = values(20 * 256);
        float[] k = values(700 * 256);
        float[] v = values(700 * 64);
        Function<Ops, Tensor> program = ops -> ops.attention(
                half(ops, q, 1, 20, 256),
                half(ops, k, 1, 700, 256),
                half(ops, v, 1, 700, 64),
                AttentionSpec.global(1, 256));
        FakeCudaDriver driver = new FakeCudaDriver(1 << 30, 32);
        float[] actual = on(FakeCuda.backend(driver, Precision.BF16), program);
        assertEquals(2, driver.count(FakeCudaDriver.Call.LAUNCH), "parts and their combination");
        assertClose(onCpu(program), actual, 0.01);
    }

    /** With an intermediate of one batch entry at most, results are those of the whole batch. */
    @Test
    void largeIntermediatesAreMadeEntryByEntry() {
        float[] x = values(5 * 6 * 7 * 8);
        float[] w = values(12 * 72);
        float[] up = values(4 * 12 * 8);
        float[] own = values(5 * 12 * 14 * 12);
        float[] shared = values(12 * 14 * 12);
        Function<Ops, Tensor> program = ops -> {
            Tensor image = ops.tensor(x, 5, 6, 7, 8);
            Tensor all = ops.empty(1, 3 * 5 * 12 * 14, 12);
            Tensor convolved = ops.conv2d(image, ops.backend().pack(w, 12, 72), new Conv2dSpec(3, 1, 1), Epilogue.NONE);
            ops.copy(
                    convolved.reshape(5 * 6 * 7, 12),
                    all.reshape(3 * 5 * 12 * 14, 12).slice(0, 5 * 6 * 7));
            PackedMatrix matrix = ops.backend().pack(up, 48, 8);
            Epilogue one = Epilogue.NONE.plus(ops.tensor(own, 5, 12, 14, 12));
            Epilogue two = Epilogue.NONE.plus(ops.tensor(shared, 1, 12, 14, 12));
            Tensor first = ops.empty(5, 12, 14, 12);
            ops.backend().convTranspose2d(image, matrix, one, first);
            Tensor second = ops.empty(5, 12, 14, 12);
            ops.backend().convTranspose2d(image, matrix, two, second);
            ops.add(first, 1, second, 3, first);
            return first;
        };
        CudaSettings s = FakeCuda.SETTINGS;
        CudaSettings tight = new CudaSettings(
                s.weightsChunk(),
                s.tensorsChunk(),
                s.scratchChunk(),
                1,
                s.stagingSlots(),
                s.stagingBytes(),
                true,
                8,
                true,
                "auto");
        CudaSettings loose = new CudaSettings(
                s.weightsChunk(),
                s.tensorsChunk(),
                s.scratchChunk(),
                1 << 30,
                s.stagingSlots(),
                s.stagingBytes(),
                true,
                8,
                true,
                "auto");
        float[] expected = on(new CudaBackend(new FakeCudaDriver(), Precision.FP32, loose), program);
        float[] actual = on(new CudaBackend(new FakeCudaDriver(), Precision.FP32, tight), program);
        assertArrayEquals(expected, actual);
        assertClose(onCpu(program), actual, 1e-4);
    }

    @Test
    void memoryIsCountedAndFreed() {
        FakeCudaDriver driver = new FakeCudaDriver();
        try (CudaBackend backend = FakeCuda.backend(driver, Precision.BF16)) {
            PackedMatrix matrix = backend.pack(new float[1024 * 100], 1024, 100);
            DeviceMemory memory = backend.memory().orElseThrow();
            assertEquals(1024 * 104 * 2, memory.weights(), "rows padded to 16 bytes, two bytes a value");
            assertEquals(0, memory.tensors());
            Ops ops = new Ops(backend);
            ops.tensor(new float[5], 5);
            assertEquals(4 << 22, backend.memory().orElseThrow().tensors());
            ops.close();
            matrix.close();
            memory = backend.memory().orElseThrow();
            assertEquals(0, memory.weights() + memory.tensors());
            assertEquals(memory.total(), memory.free());
            String text = new DeviceMemory(3 << 20, 2 << 20, 1 << 20, 100L << 30, 141L << 30).toString();
            assertEquals("3 MiB of weights, 2 MiB of tensors, 1 MiB of scratch; 102400 of 144384 MiB free", text);
        }
        assertEquals(Set.of(), driver.leaks());
    }

    @Test
    void wrongRequestsAreNamed() {
        try (Backend backend = FakeCuda.backend(Precision.FP32)) {
            assertThrows(IllegalArgumentException.class, () -> backend.pack(new float[5], 2, 3));
            Tensor x = Tensor.of(backend.allocate(DType.F32, 6), 0, Shape.of(6));
            assertThrows(ArrayIndexOutOfBoundsException.class, () -> backend.upload(new float[6], 1, x));
            assertThrows(ArrayIndexOutOfBoundsException.class, () -> backend.download(x, new float[5], 0));
        }
    }

    /** The ring of page-locked memory is crossed several times by each of several threads. */
    @Test
    void threadsShareABackend() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try (Backend backend = FakeCuda.backend(Precision.FP32)) {
            List<Future<?>> tasks = new ArrayList<>();
            for (int task = 0; task < 4; task++) {
                int start = 1000 * task;
                tasks.add(pool.submit(() -> {
                    try (Ops ops = new Ops(backend)) {
                        float[] values = new float[5000];
                        for (int i = 0; i < values.length; i++) {
                            values[i] = start + i;
                        }
                        for (int round = 0; round < 10; round++) {
                            Tensor x = ops.tensor(values, 50, 100);
                            ops.unary(x, 2, 1, Activation.NONE, x);
                            float[] result = ops.toHost(x);
                            for (int i = 0; i < result.length; i++) {
                                assertEquals(2f * (start + i) + 1, result[i]);
                            }
                        }
                    }
                }));
            }
            for (Future<?> each : tasks) {
                each.get();
            }
        } finally {
            pool.shutdownNow();
        }
    }
}
