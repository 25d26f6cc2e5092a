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
        int rowsA = g.transposeA() ? g.k() : g.m();
        int rowsB = g.transposeB() ? g.n() : g.k();
        if (g.m() < 1 || g.n() < 1 || g.k() < 1 || g.lda() < rowsA || g.ldb() < rowsB || g.ldc() < g.m()) {
            throw new AssertionError("CUBLAS_STATUS_INVALID_VALUE: " + g);
        }
        if (!half && !g.wide()) {
            throw new AssertionError("CUBLAS_STATUS_NOT_SUPPORTED: " + g);
        }
        for (int entry = 0; entry < g.batch(); entry++) {
            int colsA = g.transposeA() ? g.m() : g.k();
            int colsB = g.transposeB() ? g.k() : g.n();
            float[] a = read(memory, g.a(), entry * g.strideA(), rowsA, colsA, g.lda(), g.factors());
            float[] b = read(memory, g.b(), entry * g.strideB(), rowsB, colsB, g.ldb(), g.factors());
            float[] c = g.beta() == 0
                    ? new float[g.m() * g.n()]
                    : read(
                            memory,
                            g.c(),
                            entry * g.strideC(),
                            g.m(),
                            g.n(),
                            g.ldc(),
                            g.wide() ? CudaDriver.Factors.F32 : g.factors());
            multiply(g, a, b, c);
            write(memory, g, entry * g.strideC(), c);
        }
    }

    private static void multiply(CudaDriver.Gemm g, float[] a, float[] b, float[] c) {
        int stepA = g.transposeA() ? 1 : g.m();
        int stepB = g.transposeB() ? g.n() : 1;
        for (int column = 0; column < g.n(); column++) {
            for (int row = 0; row < g.m(); row++) {
                int atA = g.transposeA() ? row * g.k() : row;
                int atB = g.transposeB() ? column : column * g.k();
                double sum = 0;
                for (int i = 0; i < g.k(); i++) {
                    sum += (double) a[atA + i * stepA] * b[atB + i * stepB];
                }
                int at = column * g.m() + row;
                c[at] = (float) (sum + (g.beta() == 0 ? 0 : (double) g.beta() * c[at]));
            }
        }
    }

    private static float[] read(
            GlobalMemory memory, long base, long offset, int rows, int cols, int ld, CudaDriver.Factors kind) {
        int bytes = kind.type().bytes();
        long address = base + offset * bytes;
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

    private static void write(GlobalMemory memory, CudaDriver.Gemm g, long offset, float[] c) {
        int bytes = g.wide() ? 4 : 2;
        long address = g.c() + offset * bytes;
        GlobalMemory.Buffer buffer = memory.find(address, ((long) (g.n() - 1) * g.ldc() + g.m()) * bytes);
        int first = (int) (address - buffer.address()) / bytes;
        java.nio.ByteBuffer data = java.nio.ByteBuffer.wrap(buffer.data()).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int column = 0; column < g.n(); column++) {
            for (int row = 0; row < g.m(); row++) {
                int at = (first + column * g.ldc() + row) * bytes;
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
