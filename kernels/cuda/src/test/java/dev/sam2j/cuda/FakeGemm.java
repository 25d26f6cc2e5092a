package dev.sam2j.cuda;

import dev.sam2j.cuda.driver.CudaDriver;
import dev.sam2j.cuda.ptx.interpreter.GlobalMemory;
import dev.sam2j.tensor.host.HalfPrecision;

/**
 * {@code cublasGemmStridedBatchedEx} on the host, with its column-major storage and its demands on leading dimensions;
 * every matrix must lie inside one allocation. Sums are float64, rounded once.
 */
final class FakeGemm {
    private FakeGemm() {}

    static void run(CudaDriver.Gemm g, GlobalMemory memory) {
        boolean half = g.factors().type().isHalf();
        int stride = Math.min(g.a().stride(), g.b().stride());
        if (g.m() < 1 || g.n() < 1 || g.k() < 1 || stride < g.k() || g.c().stride() < g.m()) {
            throw new AssertionError("CUBLAS_STATUS_INVALID_VALUE: " + g);
        }
        if (!half && !g.wide()) {
            throw new AssertionError("CUBLAS_STATUS_NOT_SUPPORTED: " + g);
        }
        for (int entry = 0; entry < g.batch(); entry++) {
            float[] a = read(memory, g.a(), entry, g.k(), g.m(), g.factors());
            float[] b = read(memory, g.b(), entry, g.k(), g.n(), g.factors());
            float[] c = g.beta() == 0
                    ? new float[g.m() * g.n()]
                    : read(memory, g.c(), entry, g.m(), g.n(), g.wide() ? CudaDriver.Factors.F32 : g.factors());
            multiply(g, a, b, c);
            write(memory, g, entry, c);
        }
    }

    private static void multiply(CudaDriver.Gemm g, float[] a, float[] b, float[] c) {
        for (int column = 0; column < g.n(); column++) {
            for (int row = 0; row < g.m(); row++) {
                double sum = 0;
                for (int i = 0; i < g.k(); i++) {
                    sum += (double) a[row * g.k() + i] * b[column * g.k() + i];
                }
                int at = column * g.m() + row;
                c[at] = (float) (sum + (g.beta() == 0 ? 0 : (double) g.beta() * c[at]));
            }
        }
    }

    private static float[] read(
            GlobalMemory memory, CudaDriver.Operand matrix, int entry, int rows, int cols, CudaDriver.Factors kind) {
        int bytes = kind.type().bytes();
        long address = matrix.address() + entry * matrix.batchStride() * bytes;
        int ld = matrix.stride();
        long length = ((long) (cols - 1) * ld + rows) * bytes;
        GlobalMemory.Buffer buffer = memory.find(address, length);
        if (address % bytes != 0) {
            throw new AssertionError("misaligned matrix");
        }
        int first = (int) (address - buffer.address()) / bytes;
        float[] values = new float[rows * cols];
        for (int column = 0; column < cols; column++) {
            for (int row = 0; row < rows; row++) {
                int at = first + column * ld + row;
                values[column * rows + row] = switch (kind) {
                    case F32 -> buffer.f32(at);
                    case TF32 -> tf32(buffer.f32(at));
                    case F16 -> buffer.f16(at);
                    case BF16 -> buffer.bf16(at);
                };
            }
        }
        return values;
    }

    private static float tf32(float value) {
        return Float.intBitsToFloat((Float.floatToRawIntBits(value) + 0x1000) & 0xffffe000);
    }

    private static void write(GlobalMemory memory, CudaDriver.Gemm g, int entry, float[] c) {
        int bytes = g.wide() ? 4 : 2;
        long address = g.c().address() + entry * g.c().batchStride() * bytes;
        GlobalMemory.Buffer buffer = memory.find(address, ((long) (g.n() - 1) * g.c().stride() + g.m()) * bytes);
        int first = (int) (address - buffer.address()) / bytes;
        java.nio.ByteBuffer data = java.nio.ByteBuffer.wrap(buffer.data()).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int column = 0; column < g.n(); column++) {
            for (int row = 0; row < g.m(); row++) {
                int at = (first + column * g.c().stride() + row) * bytes;
                float value = c[column * g.m() + row];
                if (g.wide()) {
                    data.putFloat(at, value);
                } else {
                    boolean f16 = g.factors() == CudaDriver.Factors.F16;
                    data.putShort(at, f16 ? HalfPrecision.toF16(value) : HalfPrecision.toBf16(value));
                }
            }
        }
    }
}
