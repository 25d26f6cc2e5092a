package dev.sam2j.cuda.ptx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class PtxKernelTest {
    private final PtxKernel kernel = ElementwiseKernels.roundToBf16(DType.F32, DType.F32, 1);

    @Test
    void argumentsAreAligned() {
        // x, x stride, out (aligned to 8), out stride, rows, columns
        assertArrayEquals(new int[] {0, 8, 16, 24, 28, 32, 36}, kernel.parameterOffsets());
        ByteBuffer block = ByteBuffer.allocate(36).order(ByteOrder.LITTLE_ENDIAN);
        kernel.pack(block, 0x1234567890L, 5, 0x2345678900L, 6, 7, 8);
        assertEquals(0x1234567890L, block.getLong(0));
        assertEquals(5, block.getInt(8));
        assertEquals(0x2345678900L, block.getLong(16));
        assertEquals(8, block.getInt(32));
    }

    @Test
    void wrongArgumentsAreRefused() {
        ByteBuffer block = ByteBuffer.allocate(36);
        String count = assertThrows(IllegalArgumentException.class, () -> kernel.pack(block, 1L, 2))
                .getMessage();
        assertEquals("round_to_bf16_f32_f32_w1: expected 6 arguments, got 2", count);
        String type = assertThrows(IllegalArgumentException.class, () -> kernel.pack(block, 1L, 2f, 1L, 2, 3, 4))
                .getMessage();
        assertEquals("round_to_bf16_f32_f32_w1: parameter x_stride: expected INT, got 2.0", type);
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
