package dev.sam2j.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.BackendException;
import dev.sam2j.Precision;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Branch;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.ResizeFilter;
import dev.sam2j.tensor.Section;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every call of the driver fails once, at every point: the error is clear, nothing is lost, the next call works. */
@Execution(ExecutionMode.CONCURRENT)
class CudaFailuresTest {
    private static final Section SECTION = Section.of("the section", CudaFailuresTest.class);

    /** Uses every kind of call; frees what it takes, also if it fails. */
    private static float[] program(CudaBackend backend) {
        Random random = new Random(1);
        List<float[]> results = new ArrayList<>();
        float[] weights = values(random, 27 * 16);
        float[] square = values(random, 16 * 16);
        try (PackedMatrix w = backend.pack(weights, 16, 27);
                PackedMatrix mixing = backend.pack(square, 16, 16);
                Storage constants = backend.allocateConstant(DType.F32, 16);
                Ops ops = new Ops(backend)) {
            Tensor bias = Tensor.of(constants, 0, Shape.of(16));
            backend.upload(values(random, 16), 0, bias);
            for (int i = 0; i < 3; i++) {
                try (Workspace.Frame frame = ops.frame()) {
                    byte[] rgb = new byte[3 * 11 * 9];
                    random.nextBytes(rgb);
                    float[] mean = {0, 0.5f, 1};
                    Tensor image = ops.imageToTensor(rgb, 11, 9, ResizeFilter.BICUBIC_8BIT, mean, mean(), 8);
                    Tensor y = ops.empty(1, 64, 16);
                    ops.capture(
                            SECTION,
                            () -> {
                                Tensor x = ops.conv2d(image, w, new Conv2dSpec(3, 1, 1), Epilogue.bias(bias));
                                x = x.reshape(1, 64, 16);
                                x = ops.attention(x, x, x, AttentionSpec.global(2, 16));
                                ops.gemm(
                                        x,
                                        mixing,
                                        Epilogue.bias(bias)
                                                .with(Activation.GELU)
                                                .plus(x),
                                        y);
                            },
                            image,
                            y);
                    results.add(ops.toHost(y));
                    results.add(ops.toHostLater(y).get());
                    long[] mask = ops.thresholdMask(y.reshape(64, 16), 20, 21, 0)
                            .get()
                            .bits();
                    results.add(new float[] {Long.bitCount(mask[0])});
                    long[] bits = ops.thresholdMask(y.reshape(64, 16).columns(0, 7), 20, 21, -1, 0, 1)
                            .get()
                            .bits();
                    results.add(new float[] {Long.bitCount(bits[0]), Long.bitCount(bits[6])});
                    Branch branch = backend.forkPoint().fork(() -> ops.unary(y, 2, 0, Activation.GELU, y));
                    branch.join();
                    results.add(ops.toHost(y));
                }
            }
        }
        return flat(results);
    }

    private static float[] mean() {
        return new float[] {1, 2, 3};
    }

    private static float[] values(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static float[] flat(List<float[]> parts) {
        float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    @ParameterizedTest
    @EnumSource
    void everyCallMayFailOnce(FakeCudaDriver.Call call) {
        float[] expected;
        int calls;
        FakeCudaDriver counted = new FakeCudaDriver();
        try (CudaBackend backend = FakeCuda.backend(counted, Precision.FP32)) {
            expected = program(backend);
            calls = counted.count(call);
        }
        assertTrue(calls > 0, "the program has no " + call);
        for (int n = 1; n <= calls; n++) {
            FakeCudaDriver driver = new FakeCudaDriver();
            driver.failAt(call, n);
            CudaBackend backend;
            try {
                backend = FakeCuda.backend(driver, Precision.FP32);
            } catch (BackendException e) {
                clear(e);
                assertEquals(Set.of(), driver.leaks(), "after call " + n);
                assertTrue(driver.closed());
                continue;
            }
            clear(assertThrows(BackendException.class, () -> program(backend), call + " " + n));
            driver.heal();
            assertEquals(0, backend.memory().orElseThrow().weights(), "weights are lost after call " + n);
            assertEquals(0, backend.memory().orElseThrow().tensors(), "tensors are lost after call " + n);
            assertArrayEquals(expected, program(backend), "after call " + n);
            backend.close();
            assertEquals(Set.of(), driver.leaks(), "after call " + n);
        }
    }

    /** One sentence that says what could not be done and CUDA's reason. */
    private static void clear(BackendException e) {
        String message = e.getMessage();
        assertTrue(
                message.contains("CUDA_ERROR") || message.contains("CUBLAS_STATUS") || message.contains("no room for"),
                message);
        assertFalse(message.contains("\n"), message);
    }

    @Test
    void aFailedLaunchNamesOperationKernelAndGrid() {
        FakeCudaDriver driver = new FakeCudaDriver();
        try (CudaBackend backend = FakeCuda.backend(driver, Precision.FP32);
                Ops ops = new Ops(backend)) {
            Tensor x = ops.empty(300, 8);
            driver.failAt(FakeCudaDriver.Call.LAUNCH, 1);
            String message = assertThrows(BackendException.class, () -> ops.unary(x, 1, 0, Activation.RELU, x))
                    .getMessage();
            assertEquals(
                    "unary: launch of unary_f32_w4, grid 3 x 1 x 1, 256 threads, 0 bytes of shared memory: too many"
                            + " resources requested for launch (CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES)",
                    message);
        }
    }

    @Test
    void aFailingEndStillFreesEverything() {
        FakeCudaDriver driver = new FakeCudaDriver();
        CudaBackend backend = FakeCuda.backend(driver, Precision.FP32);
        program(backend);
        driver.failAt(FakeCudaDriver.Call.WAIT, 1);
        clear(assertThrows(BackendException.class, backend::close));
        assertEquals(Set.of(), driver.leaks());
        assertTrue(driver.closed());
        backend.close();
    }

    @Test
    void nothingWorksAfterTheEnd() {
        FakeCudaDriver driver = new FakeCudaDriver();
        CudaBackend backend = FakeCuda.backend(driver, Precision.BF16);
        Storage storage = backend.allocate(DType.F32, 10);
        PackedMatrix matrix = backend.pack(new float[6], 2, 3);
        Tensor x = Tensor.of(storage, 0, Shape.of(2, 3));
        storage.close();
        storage.close();
        String freed = assertThrows(IllegalStateException.class, () -> backend.download(x, new float[6], 0))
                .getMessage();
        assertEquals("cuda:0: the memory of a tensor or matrix has been freed", freed);
        backend.close();
        backend.close();
        matrix.close();
        String closed = assertThrows(IllegalStateException.class, () -> backend.allocate(DType.F32, 1))
                .getMessage();
        assertEquals("cuda:0: the backend has been closed", closed);
        assertEquals(Set.of(), driver.leaks());
    }
}
