package dev.sam2j.kernels.ptx.interpreter;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Device memory: buffers that lie so far apart that an address outside a buffer belongs to none. Every access is
 * checked for bounds, alignment and, with buffers given as inputs, for writing.
 */
public final class GlobalMemory {
    static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int DISTANCE_BITS = 36;
    private static final long BASE = 1L << 20;

    private final List<Buffer> buffers = new ArrayList<>();

    /** One allocation; its address is a multiple of 256. */
    public record Buffer(String name, long address, byte[] data, boolean writable) {
        /** Value of a float32 element. */
        public float f32(int index) {
            return Float.intBitsToFloat((int) INT.get(data, 4 * index));
        }

        /** Value of a bfloat16 element. */
        public float bf16(int index) {
            return Types.bf16ToFloat((short) SHORT.get(data, 2 * index));
        }
    }

    /** Adds a buffer over the given bytes, which stay visible to the caller. */
    public Buffer add(String name, byte[] data, boolean writable) {
        Buffer buffer = new Buffer(name, (buffers.size() + 1L << DISTANCE_BITS) + BASE, data, writable);
        buffers.add(buffer);
        return buffer;
    }

    /** Finds the buffer of an access, or throws {@link Fault}. */
    Buffer check(long address, int bytes, boolean write) {
        if (address % bytes != 0) {
            throw new Fault("global address " + describe(address) + " is not a multiple of " + bytes);
        }
        long index = (address >>> DISTANCE_BITS) - 1;
        if (index < 0 || index >= buffers.size()) {
            throw new Fault("global address 0x" + Long.toHexString(address) + " belongs to no buffer");
        }
        Buffer buffer = buffers.get((int) index);
        long offset = address - buffer.address;
        if (offset < 0 || offset + bytes > buffer.data.length) {
            throw new Fault("out of bounds: " + (write ? "write" : "read") + " of " + bytes + " bytes at "
                    + describe(address) + " of " + buffer.data.length);
        }
        if (write && !buffer.writable) {
            throw new Fault("write to input " + describe(address));
        }
        return buffer;
    }

    long read(long address, int bytes) {
        Buffer buffer = check(address, bytes, false);
        return readBytes(buffer.data, (int) (address - buffer.address), bytes);
    }

    void write(long address, int bytes, long value) {
        Buffer buffer = check(address, bytes, true);
        writeBytes(buffer.data, (int) (address - buffer.address), bytes, value);
    }

    static long readBytes(byte[] data, int offset, int bytes) {
        return switch (bytes) {
            case 1 -> data[offset] & 0xffL;
            case 2 -> (short) SHORT.get(data, offset) & 0xffffL;
            case 4 -> (int) INT.get(data, offset) & 0xffffffffL;
            default -> (long) LONG.get(data, offset);
        };
    }

    static void writeBytes(byte[] data, int offset, int bytes, long value) {
        switch (bytes) {
            case 1 -> data[offset] = (byte) value;
            case 2 -> SHORT.set(data, offset, (short) value);
            case 4 -> INT.set(data, offset, (int) value);
            default -> LONG.set(data, offset, value);
        }
    }

    private String describe(long address) {
        int index = (int) (address >>> DISTANCE_BITS) - 1;
        if (index < 0 || index >= buffers.size()) {
            return "0x" + Long.toHexString(address);
        }
        return buffers.get(index).name + "+" + (address - buffers.get(index).address);
    }
}
