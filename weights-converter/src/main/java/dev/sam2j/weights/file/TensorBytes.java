package dev.sam2j.weights.file;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.host.HalfPrecision;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A tensor's elements as files have them: row-major and little-endian. */
public final class TensorBytes {
    private static final int BUFFER = 1 << 16;

    private TensorBytes() {}

    /** Writes values in a type; narrower ones than float32 round to nearest, ties to even. */
    public static void write(float[] values, DType dtype, OutputStream out) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
        int step = BUFFER / dtype.bytes();
        for (int start = 0; start < values.length; start += step) {
            int count = Math.min(values.length - start, step);
            fill(buffer.clear(), values, start, count, dtype);
            out.write(buffer.array(), 0, count * dtype.bytes());
        }
    }

    private static void fill(ByteBuffer buffer, float[] values, int start, int count, DType dtype) {
        switch (dtype) {
            case F32 -> buffer.asFloatBuffer().put(values, start, count);
            case F16 -> {
                for (int i = start; i < start + count; i++) {
                    buffer.putShort(HalfPrecision.toF16(values[i]));
                }
            }
            case BF16 -> {
                for (int i = start; i < start + count; i++) {
                    buffer.putShort(HalfPrecision.toBf16(values[i]));
                }
            }
        }
    }
}
