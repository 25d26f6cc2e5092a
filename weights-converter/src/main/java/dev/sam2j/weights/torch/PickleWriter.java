package dev.sam2j.weights.torch;

import dev.sam2j.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes pickles of protocol 2, opcode by opcode (those of Python's {@code pickletools}). Nothing is checked, so that
 * tests can write dishonest ones too.
 */
final class PickleWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    PickleWriter() {
        op(0x80, 2);
    }

    PickleWriter op(int... bytes) {
        for (int b : bytes) {
            out.write(b);
        }
        return this;
    }

    PickleWriter text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        op('X').little(bytes.length, Integer.BYTES);
        out.writeBytes(bytes);
        return this;
    }

    /** An integer in the shortest of its forms: BININT1, BININT2, BININT or LONG1. */
    PickleWriter number(long value) {
        if (value >= 0 && value < 1 << 8) {
            return op('K').little(value, 1);
        } else if (value >= 0 && value < 1 << 16) {
            return op('M').little(value, 2);
        } else if (value == (int) value) {
            return op('J').little(value, 4);
        }
        return op(0x8a, Long.BYTES).little(value, Long.BYTES);
    }

    PickleWriter little(long value, int bytes) {
        byte[] all = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
        out.write(all, 0, bytes);
        return this;
    }

    PickleWriter global(String module, String name) {
        op('c');
        out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    /** A tuple of integers. */
    PickleWriter numbers(long... values) {
        op('(');
        for (long value : values) {
            number(value);
        }
        return op('t');
    }

    /** An empty {@code OrderedDict}. */
    PickleWriter orderedDict() {
        return global("collections", "OrderedDict").op(')', 'R');
    }

    /** A row-major tensor that fills its storage, under a name, in the same place of the pickle as any other. */
    PickleWriter tensor(String name, String storage, String key, Shape shape) {
        long[] dims = new long[shape.rank()];
        long[] strides = new long[shape.rank()];
        long stride = 1;
        for (int axis = dims.length - 1; axis >= 0; axis--) {
            dims[axis] = shape.dim(axis);
            strides[axis] = stride;
            stride *= dims[axis];
        }
        return tensor(name, storage, key, shape.elements(), 0, dims, strides);
    }

    /** A tensor as torch writes it; the dictionary that will hold it and a mark are on the stack. */
    PickleWriter tensor(
            String name, String storage, String key, long elements, long offset, long[] shape, long[] strides) {
        text(name);
        global("torch._utils", "_rebuild_tensor_v2").op('(');
        op('(').text("storage")
                .global("torch", storage)
                .text(key)
                .text("cpu")
                .number(elements)
                .op('t', 'Q');
        number(offset).numbers(shape).numbers(strides).op(0x89); // no gradient, and no hooks:
        return orderedDict().op('t', 'R');
    }

    byte[] toBytes() {
        return out.toByteArray();
    }
}
