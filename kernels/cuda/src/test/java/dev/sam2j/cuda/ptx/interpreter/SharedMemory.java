package dev.sam2j.cuda.ptx.interpreter;

import java.util.Arrays;

/**
 * Shared memory of a block with bounds and alignment checks and a race detector. For each two bytes it keeps who wrote
 * and who read them last and in which epoch; two threads that touch the same bytes, one of them writing, must be
 * separated by a block barrier or, within a warp, by {@code bar.warp.sync}. Destinations of pending asynchronous copies
 * may not be touched at all. Memory starts with all bits set, which is NaN in every float format.
 */
final class SharedMemory {
    private static final int GRANULE = 2;
    private static final int MAX_THREADS = 1024;
    private static final int ASYNC_READ_BYTES = 16;
    private static final int NOBODY = -1;
    /** Several threads of one warp, coded as {@code MANY - warp}. */
    private static final int MANY = -16;

    private static final int SEVERAL_WARPS = -2;

    private final byte[] data;
    private final int[] writer;
    private final long[] writeTime;
    private final int[] reader;
    private final long[] readTime;
    private final boolean[] pending;
    /** Number of pending {@code wgmma} that read the granule. */
    private final short[] asyncReads;
    /** Number of proxy fences of the writer before it wrote. */
    private final int[] writeFences;

    private final int[] proxyFences = new int[MAX_THREADS];

    SharedMemory(int bytes) {
        data = new byte[bytes];
        Arrays.fill(data, (byte) 0xff);
        int granules = bytes / GRANULE + 1;
        writer = new int[granules];
        reader = new int[granules];
        writeTime = new long[granules];
        readTime = new long[granules];
        pending = new boolean[granules];
        asyncReads = new short[granules];
        writeFences = new int[granules];
        Arrays.fill(writer, NOBODY);
        Arrays.fill(reader, NOBODY);
    }

    long read(Warp warp, int lane, long address, int bytes) {
        int offset = check(address, bytes);
        noteRead(warp, lane, offset, bytes);
        return GlobalMemory.readBytes(data, offset, bytes);
    }

    void write(Warp warp, int lane, long address, int bytes, long value) {
        int offset = check(address, bytes);
        noteWrite(warp, lane, offset, bytes);
        GlobalMemory.writeBytes(data, offset, bytes, value);
    }

    /** Checks a 16-byte row of {@code ldmatrix} and returns its offset. */
    int readRow(Warp warp, int lane, long address) {
        int offset = check(address, 16);
        noteRead(warp, lane, offset, 16);
        return offset;
    }

    int half(int offset) {
        return (short) GlobalMemory.SHORT.get(data, offset) & 0xffff;
    }

    /** An asynchronous copy starts: its destination must not be in use, and is closed until {@link #finishCopy}. */
    int startCopy(Warp warp, int lane, long address, int bytes) {
        int offset = check(address, bytes);
        noteWrite(warp, lane, offset, bytes);
        Arrays.fill(pending, offset / GRANULE, (offset + bytes) / GRANULE, true);
        return offset;
    }

    void finishCopy(Warp warp, int lane, int offset, byte[] bytes) {
        Arrays.fill(pending, offset / GRANULE, (offset + bytes.length) / GRANULE, false);
        noteWrite(warp, lane, offset, bytes.length);
        System.arraycopy(bytes, 0, data, offset, bytes.length);
    }

    /** {@code fence.proxy.async}: what the thread has written becomes visible to asynchronous readers. */
    void fenceProxy(int thread) {
        proxyFences[thread]++;
    }

    /** A {@code wgmma} of the warp starts to read 16 bytes, which must not change until {@link #finishAsyncRead}. */
    void startAsyncRead(Warp warp, int address) {
        int offset = check(address, ASYNC_READ_BYTES);
        for (int i = offset / GRANULE; i < (offset + ASYNC_READ_BYTES) / GRANULE; i++) {
            checkPending(i);
            asyncReads[i]++;
            if (conflicts(warp, NOBODY, writer[i], writeTime[i], warp.epoch())) {
                throw race("asynchronous read", warp.thread(0), i, writer[i], "wrote");
            }
            if (writer[i] != NOBODY && writeFences[i] == proxyFences[writer[i]]) {
                throw new Fault("race: shared byte " + i * GRANULE + " is read by wgmma, and thread " + writer[i]
                        + " executed no fence.proxy.async after it wrote there");
            }
        }
    }

    void finishAsyncRead(Warp warp, int offset) {
        long epoch = warp.epoch();
        for (int i = offset / GRANULE; i < (offset + ASYNC_READ_BYTES) / GRANULE; i++) {
            asyncReads[i]--;
            noteReader(warp, MANY - warp.index(), i, epoch);
        }
    }

    private int check(long address, int bytes) {
        int offset = (int) address;
        if (bytes < GRANULE) {
            throw new Fault("shared accesses of one byte are not supported");
        }
        if (offset % bytes != 0) {
            throw new Fault("shared address " + offset + " is not a multiple of " + bytes);
        }
        if (offset < 0 || offset + bytes > data.length) {
            throw new Fault("out of bounds: shared address " + offset + " of " + data.length);
        }
        return offset;
    }

    private void noteRead(Warp warp, int lane, int offset, int bytes) {
        int thread = warp.thread(lane);
        long epoch = warp.epoch();
        for (int i = offset / GRANULE; i < (offset + bytes) / GRANULE; i++) {
            checkPending(i);
            if (conflicts(warp, thread, writer[i], writeTime[i], epoch)) {
                throw race("read", thread, i, writer[i], "wrote");
            }
            noteReader(warp, thread, i, epoch);
        }
    }

    private void noteReader(Warp warp, int thread, int granule, long epoch) {
        int before = (readTime[granule] ^ epoch) >>> 32 == 0 ? reader[granule] : NOBODY;
        int many = MANY - warp.index();
        if (before == NOBODY || before == thread) {
            reader[granule] = thread;
        } else if (before != many) {
            reader[granule] = before >= 0 && before / Warp.LANES == warp.index() ? many : SEVERAL_WARPS;
        }
        readTime[granule] = epoch;
    }

    private void noteWrite(Warp warp, int lane, int offset, int bytes) {
        int thread = warp.thread(lane);
        long epoch = warp.epoch();
        for (int i = offset / GRANULE; i < (offset + bytes) / GRANULE; i++) {
            checkPending(i);
            if (conflicts(warp, thread, writer[i], writeTime[i], epoch)) {
                throw race("write", thread, i, writer[i], "wrote");
            }
            if (conflicts(warp, thread, reader[i], readTime[i], epoch)) {
                throw race("write", thread, i, reader[i], "read");
            }
            if (asyncReads[i] > 0) {
                throw new Fault("race: write of shared byte " + i * GRANULE + ", which a pending wgmma reads");
            }
            writeFences[i] = proxyFences[thread];
            writer[i] = thread;
            writeTime[i] = epoch;
        }
    }

    /** Whether {@code other} accessed the bytes at {@code time} without a barrier since then. */
    private static boolean conflicts(Warp warp, int thread, int other, long time, long epoch) {
        if ((time ^ epoch) >>> 32 != 0 || other == NOBODY || other == thread) {
            return false;
        }
        boolean sameWarp = other == MANY - warp.index() || other >= 0 && other / Warp.LANES == warp.index();
        return !sameWarp || time == epoch;
    }

    private void checkPending(int granule) {
        if (pending[granule]) {
            throw new Fault("race: shared byte " + granule * GRANULE + " is the destination of a pending cp.async");
        }
    }

    private static Fault race(String action, int thread, int granule, int other, String did) {
        String who =
                other >= 0 ? "thread " + other : other == SEVERAL_WARPS ? "several warps" : "warp " + (MANY - other);
        return new Fault("race: " + action + " of shared byte " + granule * GRANULE + " by thread " + thread
                + ", which "
                + who + " " + did + " since the last barrier");
    }
}
