package dev.sam2j.cpu;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.provider.BackendOptions;
import dev.sam2j.tensor.provider.Backends;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KernelWarmUpTest {
    static Stream<CpuKernels> kernels() {
        return Stream.of(CpuKernels.scalar(), CpuKernels.vector(), Bf16Kernels.scalar());
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void roundsRunWithAnyKernels(CpuKernels kernels) {
        KernelWarmUp warmUp = new KernelWarmUp(kernels);
        warmUp.round();
        warmUp.large();
    }

    @Test
    void runsOnceInAProcess() throws InterruptedException {
        Backends.prepare("auto", BackendOptions.DEFAULT);
        Thread thread = KernelWarmUp.start(CpuKernels.vector());
        assertNotNull(thread);
        assertSame(thread, KernelWarmUp.start(CpuKernels.vector()));
        thread.join();
        assertSame(thread, KernelWarmUp.start(CpuKernels.vector()));
    }

    @Test
    void scalarCodeNeedsNone() {
        assertNull(KernelWarmUp.start(CpuKernels.scalar()));
        Backends.prepare("tpu", BackendOptions.DEFAULT);
    }

    @Test
    void operationsWaitForIt() {
        Thread thread = new Thread(() -> {
            for (int i = 0; i < 50; i++) {
                Thread.yield();
            }
        });
        try (CpuBackend backend = new CpuBackend(1, CpuKernels.scalar(), thread);
                Storage storage = backend.allocate(DType.F32, 8)) {
            Tensor tensor = Tensor.of(storage, 0, Shape.of(2, 4));
            thread.start();
            backend.add(tensor, 1, tensor, 1, tensor);
            assertFalse(thread.isAlive());
        }
    }
}
