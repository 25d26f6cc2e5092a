package dev.sam2j.cuda.ptx.interpreter;

import dev.sam2j.tensor.host.HalfPrecision;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * Device memory: buffers that lie so far apart that an address outside a buffer belongs to none. Every access is
 * checked for bounds, alignment and, with buffers given as inputs, for writing. Within a launch, bytes that one block
 * writes may be neither read nor written by another, since blocks run in any order.
 */
public final class GlobalMemory {
    static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int DISTANCE_BITS = 36;
    private static final long BASE = 1L << 20;

    private final List<Buffer> buffers = new ArrayList<>();
    private int firstBlock;
    private int block;

    /**
     * One allocation; its address is a multiple of 256. Of each byte of a writable buffer it knows which block wrote
     * and read it last, by the number of the block over all launches.
     */
    public record Buffer(String name, long address, byte[] data, boolean writable, Traces writers, Traces readers) {
        /** Value of a float32 element. */
        public float f32(int index) {
            return Float.intBitsToFloat((int) INT.get(data, 4 * index));
        }

        /** Value of a float16 element. */
        public float f16(int index) {
            return HalfPrecision.fromF16((short) SHORT.get(data, 2 * index));
        }

        /** Value of a bfloat16 element. */
        public float bf16(int index) {
            return Types.bf16ToFloat((short) SHORT.get(data, 2 * index));
        }
    }

    /** The last block at each byte of a buffer; bytes that no kernel has touched take no room. */
    static final class Traces {
        private static final int PAGE_BITS = 12;
        private final int[][] pages;

        Traces(int bytes) {
            pages = new int[(bytes >>> PAGE_BITS) + 1][];
        }

        /** The page of a byte; an access, which is aligned, lies in one. */
        int[] page(int offset) {
            int[] page = pages[offset >>> PAGE_BITS];
            if (page == null) {
                page = new int[1 << PAGE_BITS];
                pages[offset >>> PAGE_BITS] = page;
            }
            return page;
        }

        static int inPage(int offset) {
            return offset & (1 << PAGE_BITS) - 1;
        }
    }

    /** Adds a buffer over the given bytes, which stay visible to the caller. */
    public Buffer add(String name, byte[] data, boolean writable) {
        Buffer buffer = new Buffer(
                name,
                (buffers.size() + 1L << DISTANCE_BITS) + BASE,
                data,
                writable,
                new Traces(data.length),
                new Traces(data.length));
        buffers.add(buffer);
        return buffer;
    }

    /** Forgets a buffer; its addresses belong to none from now on. */
    public void remove(Buffer buffer) {
        buffers.set((int) (buffer.address >>> DISTANCE_BITS) - 1, null);
    }

    /** The buffer that {@code bytes} bytes from {@code address} on lie in, or throws {@link PtxException}. */
    public Buffer find(long address, long bytes) {
        long index = (address >>> DISTANCE_BITS) - 1;
        Buffer buffer = index < 0 || index >= buffers.size() ? null : buffers.get((int) index);
        if (buffer == null) {
            throw new PtxException("address 0x" + Long.toHexString(address) + " belongs to no buffer");
        }
        long offset = address - buffer.address;
        if (bytes < 0 || offset < 0 || offset + bytes > buffer.data.length) {
            throw new PtxException(
                    bytes + " bytes at " + buffer.name + "+" + offset + " exceed its " + buffer.data.length);
        }
        return buffer;
    }

    /** Reserves a number that stands for several blocks of the launch. */
    void startLaunch() {
        firstBlock = ++block;
    }

    void startBlock() {
        block++;
    }

    private void noteRead(Buffer buffer, int offset, int bytes) {
        if (!buffer.writable) {
            return;
        }
        int[] writers = buffer.writers.page(offset);
        int[] readers = buffer.readers.page(offset);
        int first = Traces.inPage(offset);
        for (int i = first; i < first + bytes; i++) {
            checkOther(buffer, offset, writers[i], "read", "written");
            readers[i] = readers[i] < firstBlock || readers[i] == block ? block : firstBlock; // not this one
        }
    }

    private void noteWrite(Buffer buffer, int offset, int bytes) {
        int[] writers = buffer.writers.page(offset);
        int[] readers = buffer.readers.page(offset);
        int first = Traces.inPage(offset);
        for (int i = first; i < first + bytes; i++) {
            checkOther(buffer, offset, writers[i], "written", "written");
            checkOther(buffer, offset, readers[i], "written", "read");
            writers[i] = block;
        }
    }

    private void checkOther(Buffer buffer, int offset, int other, String now, String before) {
        if (other >= firstBlock && other != block) {
            throw new Fault("race: " + buffer.name + "+" + offset + " is " + now + " by one block and " + before
                    + " by another in the same launch");
        }
    }

    /** Finds the buffer of an access, or throws {@link Fault}. */
    Buffer check(long address, int bytes, boolean write) {
        if (address % bytes != 0) {
            throw new Fault("global address " + describe(address) + " is not a multiple of " + bytes);
        }
        long index = (address >>> DISTANCE_BITS) - 1;
        if (index < 0 || index >= buffers.size() || buffers.get((int) index) == null) {
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
        noteRead(buffer, (int) (address - buffer.address), bytes);
        return readBytes(buffer.data, (int) (address - buffer.address), bytes);
    }

    void write(long address, int bytes, long value) {
        Buffer buffer = check(address, bytes, true);
        noteWrite(buffer, (int) (address - buffer.address), bytes);
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

    /** A read-modify-write that other blocks may do as well. */
    long update(long address, int bytes, LongUnaryOperator change) {
        Buffer buffer = check(address, bytes, true);
        int offset = (int) (address - buffer.address);
        long before = readBytes(buffer.data, offset, bytes);
        writeBytes(buffer.data, offset, bytes, change.applyAsLong(before));
        return before;
    }

    private String describe(long address) {
        int index = (int) (address >>> DISTANCE_BITS) - 1;
        if (index < 0 || index >= buffers.size() || buffers.get(index) == null) {
            return "0x" + Long.toHexString(address);
        }
        return buffers.get(index).name + "+" + (address - buffers.get(index).address);
    }
}
