package dev.sam2j.weights;

import dev.sam2j.kernels.cpu.HalfPrecision;
import dev.sam2j.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Where a tensor lies in a file. Whoever makes one has checked that every element is inside the file.
 *
 * @param type type of the elements
 * @param shape dimensions
 * @param strides distance between neighbours along each axis, in elements, at least 0
 * @param position byte position of the first element
 */
record StoredTensor(ElementType type, Shape shape, long[] strides, long position) {
    private static final int CHUNK = 1 << 14;

    /** A row-major tensor without gaps. */
    static StoredTensor contiguous(ElementType type, Shape shape, long position) {
        return new StoredTensor(type, shape, rowMajor(shape), position);
    }

    private static long[] rowMajor(Shape shape) {
        long[] strides = new long[shape.rank()];
        long stride = 1;
        for (int axis = strides.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= shape.dim(axis);
        }
        return strides;
    }

    private boolean isContiguous() {
        long[] expected = rowMajor(shape);
        for (int axis = 0; axis < strides.length; axis++) {
            if (shape.dim(axis) > 1 && strides[axis] != expected[axis]) {
                return false;
            }
        }
        return true;
    }

    /**
     * Copies all elements, widened, in row-major order.
     *
     * @throws IOException if the file cannot be read, or has become shorter
     */
    void read(MappedFile file, ByteOrder order, float[] destination, int offset) throws IOException {
        if (isContiguous()) {
            readContiguous(file, order, destination, offset);
        } else {
            readStrided(file, order, destination, offset);
        }
    }

    private void readContiguous(MappedFile file, ByteOrder order, float[] destination, int offset) throws IOException {
        int count = (int) shape.elements();
        byte[] bytes = new byte[Math.min(count, CHUNK) * type.bytes()];
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(order);
        short[] halves = type == ElementType.F32 ? null : new short[Math.min(count, CHUNK)];
        for (int done = 0; done < count; done += CHUNK) {
            int n = Math.min(CHUNK, count - done);
            file.read(position + (long) done * type.bytes(), bytes, n * type.bytes());
            if (type == ElementType.F32) {
                buffer.asFloatBuffer().get(destination, offset + done, n);
            } else {
                buffer.asShortBuffer().get(halves, 0, n);
                widen(halves, n, destination, offset + done);
            }
        }
    }

    private void widen(short[] halves, int count, float[] destination, int offset) {
        if (type == ElementType.F16) {
            HalfPrecision.fromF16(halves, count, destination, offset);
        } else {
            HalfPrecision.fromBf16(halves, count, destination, offset);
        }
    }

    private void readStrided(MappedFile file, ByteOrder order, float[] destination, int offset) {
        int last = shape.rank() - 1;
        int columns = shape.dim(last);
        int[] index = new int[last];
        long row = position;
        for (int done = 0; done < shape.elements(); done += columns) {
            for (int i = 0; i < columns; i++) {
                destination[offset + done + i] = element(file, order, row + i * strides[last] * type.bytes());
            }
            for (int axis = last - 1; axis >= 0; axis--) {
                row += strides[axis] * type.bytes();
                if (++index[axis] < shape.dim(axis)) {
                    break;
                }
                row -= index[axis] * strides[axis] * type.bytes();
                index[axis] = 0;
            }
        }
    }

    private float element(MappedFile file, ByteOrder order, long at) {
        ByteBuffer bytes = file.range(at, type.bytes(), order);
        return switch (type) {
            case F32 -> bytes.getFloat();
            case F16 -> HalfPrecision.fromF16(bytes.getShort());
            case BF16 -> HalfPrecision.fromBf16(bytes.getShort());
            default -> throw new IllegalStateException("weights: " + type + " is not a type of weights");
        };
    }
}
