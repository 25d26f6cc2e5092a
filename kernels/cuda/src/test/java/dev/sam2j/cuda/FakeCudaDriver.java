package dev.sam2j.cuda;

import dev.sam2j.BackendException;
import dev.sam2j.cuda.driver.CudaDriver;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.interpreter.GlobalMemory;
import dev.sam2j.cuda.ptx.interpreter.Launch;
import dev.sam2j.cuda.ptx.interpreter.PtxModule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A device in host memory: kernels run in the PTX interpreter, products in {@link FakeGemm}. Queued work runs only when
 * somebody waits for it, as late as a real device might, so that whatever reads a result or reuses host memory too
 * early is found out; what is queued on the side stream can be made to run at once instead, as early as a real device
 * might. Fresh memory of the device and of the host is filled with NaN. Whatever CUDA forbids during a recording, and
 * every address outside an allocation, is an error.
 */
public class FakeCudaDriver implements CudaDriver {
    private static final Map<String, PtxModule> MODULES = new ConcurrentHashMap<>();
    private static final byte UNSET = (byte) 0xff;

    private final GlobalMemory memory = new GlobalMemory();
    private final Map<Long, GlobalMemory.Buffer> allocations = new HashMap<>();
    private final Map<Stream, ArrayDeque<Runnable>> queues = new EnumMap<>(Stream.class);
    private final Set<Object> open = new LinkedHashSet<>();
    private final DeviceInfo info;
    private final long capacity;
    private long used;
    private Stream selected = Stream.MAIN;
    private boolean sideAtOnce;
    private List<Runnable> recording;
    private Thread recorder;
    private final Set<Thread> current = ConcurrentHashMap.newKeySet();
    private boolean closed;
    private String lost;

    /** Kinds of calls that can be made to fail. */
    public enum Call {
        /** Device memory; fails as a full device does. */
        ALLOCATE,
        /** Page-locked memory. */
        ALLOCATE_HOST,
        /** Kernels. */
        LAUNCH,
        /** Copies and fills. */
        COPY,
        /** Compilation. */
        LOAD,
        /** Products. */
        GEMM,
        /** Waiting; the error of something queued shows. */
        WAIT,
        /** Beginning, ending or launching recordings. */
        GRAPH
    }

    private final Map<Call, Integer> calls = new HashMap<>();
    private final Map<Call, Integer> failures = new HashMap<>();

    /** A device of one GiB with few multiprocessors. */
    public FakeCudaDriver() {
        this(1 << 30, 4);
    }

    public FakeCudaDriver(long capacity, int multiprocessors) {
        this.capacity = capacity;
        for (Stream stream : Stream.values()) {
            queues.put(stream, new ArrayDeque<>());
        }
        info = new DeviceInfo(0, "fake device", 9, 0, multiprocessors, 227 << 10, 12060, "host libraries");
    }

    /**
     * Lets the {@code n}-th call from now on, counted from 1, fail; a device that is full stays so until {@link #heal}.
     */
    void failAt(Call call, int n) {
        failures.put(call, calls.getOrDefault(call, 0) + n);
    }

    /** No more failures. */
    void heal() {
        failures.clear();
    }

    public int count(Call call) {
        return calls.getOrDefault(call, 0);
    }

    /** Whatever has been made and not been closed. */
    public Set<Object> leaks() {
        Set<Object> leaks = new LinkedHashSet<>(open);
        allocations.values().forEach(buffer -> leaks.add(buffer.name()));
        return leaks;
    }

    boolean closed() {
        return closed;
    }

    private synchronized boolean fails(Call call) {
        if (closed) {
            throw new AssertionError(call + " after the driver was closed");
        }
        if (!current.contains(Thread.currentThread())) {
            throw new AssertionError(call + " on a thread the device was not made current on");
        }
        if (lost != null) {
            throw new BackendException(lost);
        }
        int number = calls.merge(call, 1, Integer::sum);
        int failing = failures.getOrDefault(call, Integer.MAX_VALUE);
        return call == Call.ALLOCATE ? number >= failing : number == failing;
    }

    private void check(Call call, String error) {
        if (fails(call)) {
            throw new BackendException(error);
        }
    }

    private void outsideRecording(String what) {
        if (recording != null && recorder == Thread.currentThread()) {
            throw new BackendException(what + " during a recording (CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED)");
        }
    }

    /** Runs what is queued on the side stream from now on at once. */
    void runAsideAtOnce() {
        sideAtOnce = true;
    }

    private synchronized void queue(Runnable work) {
        if (recording != null) {
            recording.add(work);
        } else {
            queues.get(selected).add(work);
            if (sideAtOnce && selected == Stream.SIDE) {
                drain(Stream.SIDE);
            }
        }
    }

    private synchronized void drain() {
        queues.keySet().forEach(this::drain);
    }

    private void drain(Stream stream) {
        while (!queues.get(stream).isEmpty()) {
            queues.get(stream).remove().run();
        }
    }

    @Override
    public void select(Stream stream) {
        if (stream != selected) {
            outsideRecording("another stream");
            selected = stream;
        }
    }

    @Override
    public DeviceInfo device() {
        return info;
    }

    @Override
    public long[] freeAndTotalBytes() {
        return new long[] {capacity - used, capacity};
    }

    @Override
    public void makeCurrent() {
        current.add(Thread.currentThread());
    }

    @Override
    public long allocate(long bytes) {
        outsideRecording("allocation");
        if (fails(Call.ALLOCATE) || used + bytes > capacity) {
            return 0;
        }
        used += bytes;
        byte[] data = new byte[Math.toIntExact(bytes)];
        Arrays.fill(data, UNSET);
        GlobalMemory.Buffer buffer = memory.add("allocation " + count(Call.ALLOCATE), data, true);
        allocations.put(buffer.address(), buffer);
        return buffer.address();
    }

    @Override
    public void free(long address) {
        outsideRecording("free");
        drain();
        GlobalMemory.Buffer buffer = allocations.remove(address);
        if (buffer == null) {
            throw new AssertionError("free of what was not allocated: 0x" + Long.toHexString(address));
        }
        used -= buffer.data().length;
        memory.remove(buffer);
    }

    @Override
    public HostMemory allocateHost(long bytes) {
        check(Call.ALLOCATE_HOST, "page-locked memory: out of memory (CUDA_ERROR_OUT_OF_MEMORY)");
        ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.fill(buffer.array(), UNSET);
        return new FakeHost(buffer);
    }

    /** Something that must be closed once. */
    private abstract class Resource implements AutoCloseable {
        Resource() {
            open.add(this);
        }

        @Override
        public void close() {
            if (!open.remove(this)) {
                throw new AssertionError("closed twice: " + this);
            }
        }
    }

    private final class FakeHost extends Resource implements HostMemory {
        private final ByteBuffer buffer;

        FakeHost(ByteBuffer buffer) {
            this.buffer = buffer;
        }

        @Override
        public ByteBuffer bytes() {
            return buffer;
        }
    }

    @Override
    public void fill(long address, long bytes, byte value) {
        check(Call.COPY, "fill: invalid value (CUDA_ERROR_INVALID_VALUE)");
        queue(() -> {
            GlobalMemory.Buffer buffer = memory.find(address, bytes);
            int from = (int) (address - buffer.address());
            Arrays.fill(buffer.data(), from, from + (int) bytes, value);
        });
    }

    @Override
    public void copyToDevice(HostMemory source, long destination, long bytes) {
        check(Call.COPY, "copy to the device: invalid value (CUDA_ERROR_INVALID_VALUE)");
        queue(() -> {
            GlobalMemory.Buffer buffer = memory.find(destination, bytes);
            byte[] from = ((FakeHost) source).buffer.array();
            System.arraycopy(from, 0, buffer.data(), (int) (destination - buffer.address()), (int) bytes);
        });
    }

    @Override
    public void copyToHost(long source, HostMemory destination, long bytes) {
        check(Call.COPY, "copy to the host: invalid value (CUDA_ERROR_INVALID_VALUE)");
        queue(() -> {
            GlobalMemory.Buffer buffer = memory.find(source, bytes);
            byte[] to = ((FakeHost) destination).buffer.array();
            System.arraycopy(buffer.data(), (int) (source - buffer.address()), to, 0, (int) bytes);
        });
    }

    @Override
    public void copyOnDevice(long source, long destination, long bytes) {
        check(Call.COPY, "copy on the device: invalid value (CUDA_ERROR_INVALID_VALUE)");
        queue(() -> {
            GlobalMemory.Buffer from = memory.find(source, bytes);
            GlobalMemory.Buffer to = memory.find(destination, bytes);
            if (from == to && source < destination + bytes && destination < source + bytes) {
                throw new AssertionError("copy between overlapping ranges");
            }
            System.arraycopy(
                    from.data(), (int) (source - from.address()), to.data(), (int) (destination - to.address()), (int)
                            bytes);
        });
    }

    @Override
    public Event createEvent() {
        return new FakeEvent();
    }

    private final class FakeEvent extends Resource implements Event {
        private Stream stream;
        private int recorded;
        private int reached;

        @Override
        public void record() {
            stream = selected;
            int mark = ++recorded;
            queue(() -> reached = Math.max(reached, mark));
        }

        @Override
        public void streamWait() {
            outsideRecording("waiting for another stream");
            int mark = recorded;
            Stream marked = stream;
            queue(() -> {
                while (reached < mark) {
                    queues.get(marked).remove().run();
                }
            });
        }

        @Override
        public void await() {
            synchronized (FakeCudaDriver.this) {
                outsideRecording("waiting");
                check(Call.WAIT, "an illegal memory access was encountered (CUDA_ERROR_ILLEGAL_ADDRESS)");
                while (reached < recorded) {
                    queues.get(stream).remove().run();
                }
            }
        }
    }

    @Override
    public void synchronize() {
        if (closed) {
            throw new AssertionError("synchronize after the driver was closed");
        }
        outsideRecording("waiting");
        check(Call.WAIT, "an illegal memory access was encountered (CUDA_ERROR_ILLEGAL_ADDRESS)");
        drain();
    }

    @Override
    public Function load(PtxKernel kernel) {
        check(Call.LOAD, kernel.entry() + ": ptxas error (CUDA_ERROR_INVALID_PTX)");
        return new FakeFunction(kernel, MODULES.computeIfAbsent(kernel.source(), PtxModule::parse));
    }

    private final class FakeFunction extends Resource implements Function {
        private final PtxKernel kernel;
        private final PtxModule module;

        FakeFunction(PtxKernel kernel, PtxModule module) {
            this.kernel = kernel;
            this.module = module;
        }

        @Override
        public String resources() {
            return "interpreted";
        }

        @Override
        public String toString() {
            return "function " + kernel.entry();
        }
    }

    @Override
    public void launch(Function function, PtxKernel.Grid grid, int[] offsets, ByteBuffer parameters) {
        check(Call.LAUNCH, "too many resources requested for launch (CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES)");
        FakeFunction target = (FakeFunction) function;
        PtxKernel kernel = target.kernel;
        if (kernel.sharedBytes() > info.maxSharedBytes()) {
            throw new BackendException("invalid argument (CUDA_ERROR_INVALID_VALUE)");
        }
        byte[] block = new byte[offsets[offsets.length - 1]];
        parameters.get(0, block);
        queue(() -> new Launch(target.module, kernel.entry(), memory)
                .run(
                        new int[] {grid.x(), grid.y(), grid.z()},
                        new int[] {kernel.threads(), 1, 1},
                        kernel.sharedBytes(),
                        kernel.entry().hashCode(),
                        block));
    }

    @Override
    public void gemm(Gemm gemm) {
        check(Call.GEMM, "cublasGemmStridedBatchedEx: CUBLAS_STATUS_EXECUTION_FAILED");
        queue(() -> FakeGemm.run(gemm, memory));
    }

    @Override
    public void beginCapture() {
        check(Call.GRAPH, "begin of a recording: invalid value (CUDA_ERROR_INVALID_VALUE)");
        outsideRecording("a recording");
        recording = new ArrayList<>();
        recorder = Thread.currentThread();
    }

    @Override
    public Graph endCapture() {
        List<Runnable> recorded = recording;
        recording = null;
        check(Call.GRAPH, "end of a recording: capture invalidated (CUDA_ERROR_STREAM_CAPTURE_INVALIDATED)");
        return new FakeGraph(List.copyOf(recorded));
    }

    @Override
    public void abandonCapture() {
        recording = null;
    }

    private final class FakeGraph extends Resource implements Graph {
        private final List<Runnable> work;

        FakeGraph(List<Runnable> work) {
            this.work = work;
        }

        @Override
        public void launch() {
            check(Call.GRAPH, "launch of a recording: invalid value (CUDA_ERROR_INVALID_VALUE)");
            outsideRecording("launch of a recording");
            work.forEach(FakeCudaDriver.this::queue);
        }
    }

    @Override
    public void close() {
        if (closed) {
            throw new AssertionError("the driver is closed twice");
        }
        closed = true;
    }
}
