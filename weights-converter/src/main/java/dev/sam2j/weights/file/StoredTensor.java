package dev.sam2j.weights.file;

import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.host.HalfPrecision;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Where a tensor lies in a file. Whoever makes one has checked that every element is inside the range.
 *
 * @param type type of the elements
 * @param shape dimensions
 * @param strides distance between neighbours along each axis, in elements, at least 0
 * @param data what holds it
 * @param offset byte position of the first element in {@code data}
 * @param order order of the bytes of an element
 */
public record StoredTensor(
        ElementType type, Shape shape, long[] strides, DataRange data, long offset, ByteOrder order) {
    /** Strided tensors that extend over no more bytes than this are read in one piece. */
    public static final int MAX_SPAN = 1 << 30;

    private static final int CHUNK = 1 << 14;

    /** A row-major tensor without gaps. */
    public static StoredTensor contiguous(ElementType type, Shape shape, DataRange data, ByteOrder order) {
        return new StoredTensor(type, shape, rowMajor(shape), data, 0, order);
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

    /** Bytes from the first element to the end of the last in memory. */
    public long span() {
        long last = 0;
        for (int axis = 0; axis < strides.length; axis++) {
            last += (shape.dim(axis) - 1) * strides[axis];
        }
        return (last + 1) * type.bytes();
    }

    /**
     * Copies all elements, as float32 and in row-major order.
     *
     * @throws IOException if the file cannot be read, or has become shorter
     */
    void read(float[] destination, int from) throws IOException {
        if (isContiguous()) {
            readContiguous(destination, from);
        } else if (span() <= MAX_SPAN) {
            ByteBuffer all = bytes(offset, (int) span());
            gather(destination, from, at -> type.read(all, (int) at));
        } else {
            gather(destination, from, at -> type.read(bytes(offset + at, type.bytes()), 0));
        }
    }

    private ByteBuffer bytes(long at, int count) throws IOException {
        try (InputStream in = data.open(at)) {
            byte[] bytes = in.readNBytes(count);
            if (bytes.length < count) {
                throw new EOFException();
            }
            return ByteBuffer.wrap(bytes).order(order);
        }
    }

    private void readContiguous(float[] destination, int from) throws IOException {
        int count = (int) shape.elements();
        byte[] bytes = new byte[Math.min(count, CHUNK) * type.bytes()];
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(order);
        short[] halves = type.bytes() == Short.BYTES ? new short[Math.min(count, CHUNK)] : null;
        try (InputStream in = data.open(offset)) {
            for (int done = 0; done < count; done += CHUNK) {
                int n = Math.min(CHUNK, count - done);
                if (in.readNBytes(bytes, 0, n * type.bytes()) < n * type.bytes()) {
                    throw new EOFException();
                }
                widen(buffer, halves, n, destination, from + done);
            }
        }
    }

    private void widen(ByteBuffer bytes, short[] halves, int count, float[] destination, int from) {
        switch (type) {
            case F32 -> bytes.asFloatBuffer().get(destination, from, count);
            case F16 -> {
                bytes.asShortBuffer().get(halves, 0, count);
                HalfPrecision.fromF16(halves, count, destination, from);
            }
            case BF16 -> {
                bytes.asShortBuffer().get(halves, 0, count);
                HalfPrecision.fromBf16(halves, count, destination, from);
            }
            default -> {
                for (int i = 0; i < count; i++) {
                    destination[from + i] = type.read(bytes, i * type.bytes());
                }
            }
        }
    }

    /** Reads an element at a byte position relative to the first. */
    private interface Element {
        float at(long position) throws IOException;
    }

    private void gather(float[] destination, int from, Element element) throws IOException {
        int last = shape.rank() - 1;
        int columns = shape.dim(last);
        int[] index = new int[last];
        long row = 0;
        for (int done = 0; done < shape.elements(); done += columns) {
            for (int i = 0; i < columns; i++) {
                destination[from + done + i] = element.at(row + i * strides[last] * type.bytes());
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
}
