package dev.sam2j.cuda.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sam2j.cuda.FakeCudaDriver;
import dev.sam2j.cuda.driver.CudaDriver;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.rows.CudaRoundToBf16;
import dev.sam2j.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class LaunchTest {
    /** x, x stride, out, out stride, rows, columns. */
    private final PtxKernel kernel = new CudaRoundToBf16.Kernel(DType.F32, DType.F32, 1).write();

    private int[] offsets;
    private ByteBuffer values;
    private PtxKernel.Grid grid;

    /** A driver that keeps the arguments. */
    private final FakeCudaDriver driver = new FakeCudaDriver() {
        @Override
        public void launch(Function function, PtxKernel.Grid on, int[] at, ByteBuffer parameters) {
            offsets = at;
            values = parameters.duplicate().order(ByteOrder.nativeOrder());
            grid = on;
        }
    };

    private Launch launch() {
        driver.makeCurrent();
        CudaDriver.Function function = driver.load(kernel);
        return new Launch(driver, kernel, function, kernel.parameterOffsets());
    }

    private static DeviceMatrix matrix(long address, int stride) {
        return new DeviceMatrix(address, DType.F32, 7, 8, stride);
    }

    @Test
    void argumentsHaveNamesAndNoOrder() {
        DeviceMatrix x = matrix(0x1234567890L, 15);
        DeviceMatrix out = matrix(0x2345678900L, 16);
        launch().matrix("x", x).matrix("out", out).overElements(out, 1);
        check();
        launch().integer("columns", 8)
                .pointer("out", out)
                .pointer("x", x)
                .integer("rows", 7)
                .integer("out_stride", 16)
                .integer("x_stride", 15)
                .over(56);
        check();
        assertEquals(new PtxKernel.Grid(1, 1, 1), grid);
    }

    private void check() {
        assertArrayEquals(kernel.parameterOffsets(), offsets);
        assertEquals(0x1234567890L, values.getLong(0));
        assertEquals(15, values.getInt(8));
        assertEquals(0x2345678900L, values.getLong(16));
        assertEquals(16, values.getInt(24));
        assertEquals(7, values.getInt(28));
        assertEquals(8, values.getInt(32));
    }

    private static String refused(Executable use) {
        return assertThrows(IllegalArgumentException.class, use).getMessage();
    }

    @Test
    void wrongArgumentsAreRefused() {
        DeviceMatrix m = matrix(256, 8);
        assertEquals(
                "round_to_bf16_f32_f32_w1: no argument for parameter out",
                refused(() -> launch().matrix("x", m).sizes(m).over(1)));
        assertEquals(
                "round_to_bf16_f32_f32_w1: parameter x_stride: expected INT, got FLOAT",
                refused(() -> launch().real("x_stride", 2)));
        assertEquals("round_to_bf16_f32_f32_w1: no parameter scale", refused(() -> launch().real("scale", 2)));
        assertEquals(
                "round_to_bf16_f32_f32_w1: parameter rows: given twice",
                refused(() -> launch().integer("rows", 1).integer("rows", 1)));
    }
}
