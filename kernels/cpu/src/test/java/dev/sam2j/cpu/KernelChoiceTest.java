package dev.sam2j.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Runs in processes with and without the Vector API: the backend must choose by itself and work in both. */
class KernelChoiceTest {
    @Test
    void followsTheVectorModule() {
        boolean present = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        assertEquals(present, CpuKernels.vectorModulePresent());
        try (CpuBackend backend = new CpuBackend(2)) {
            assertTrue(
                    backend.info().description().contains(present ? "-bit vectors" : "scalar code"),
                    backend.info().description());
            Tensor x = Tensor.of(backend.allocate(DType.F32, 6), 0, Shape.of(2, 3));
            Tensor y = Tensor.of(backend.allocate(DType.F32, 4), 0, Shape.of(2, 2));
            backend.upload(new float[] {1, 2, 3, 4, 5, 6}, 0, x);
            backend.gemm(x, backend.pack(new float[] {1, 0, 0, 1, 1, 1}, 2, 3), Epilogue.NONE, y);
            float[] result = new float[4];
            backend.download(y, result, 0);
            assertArrayEquals(new float[] {1, 6, 4, 15}, result);
        }
    }

    @Test
    void obeysTheSystemProperty() {
        String before = System.getProperty(CpuKernels.PROPERTY);
        try {
            System.setProperty(CpuKernels.PROPERTY, "scalar");
            assertEquals("scalar code", CpuKernels.choose().description());
            System.setProperty(CpuKernels.PROPERTY, "64");
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class, CpuKernels::choose);
            assertEquals("dev.sam2j.simd: expected scalar, 128, 256 or 512, got 64", e.getMessage());
        } finally {
            if (before == null) {
                System.clearProperty(CpuKernels.PROPERTY);
            } else {
                System.setProperty(CpuKernels.PROPERTY, before);
            }
        }
    }
}
