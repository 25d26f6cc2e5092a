package dev.sam2j.cuda.ptx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.cuda.rows.CudaRoundToBf16;
import dev.sam2j.tensor.DType;
import org.junit.jupiter.api.Test;

class PtxKernelTest {
    /** x, x stride, out, out stride, rows, columns. */
    private final PtxKernel kernel = new CudaRoundToBf16.Kernel(DType.F32, DType.F32, 1).write();

    @Test
    void parametersAreAligned() {
        assertArrayEquals(new int[] {0, 8, 16, 24, 28, 32, 36}, kernel.parameterOffsets());
    }

    @Test
    void gridsCoverAllItems() {
        assertEquals(new PtxKernel.Grid(2, 1, 1), kernel.gridOver(257));
        assertThrows(IllegalArgumentException.class, () -> kernel.gridOver(0));
        assertThrows(IllegalArgumentException.class, () -> kernel.gridOver(1L << 31));
        assertThrows(IllegalArgumentException.class, () -> new PtxKernel.Grid(1, 65536, 1));
    }

    @Test
    void sourcesDeclareWhatTheDescriptorSays() {
        for (PtxKernel each : PtxKernels.all()) {
            assertTrue(each.source().contains(".target " + each.target()), each.entry());
            assertTrue(each.source().contains(".maxntid " + each.threads() + ","), each.entry());
            assertTrue(each.source().startsWith("// "), each.entry() + " has no description");
        }
    }
}
