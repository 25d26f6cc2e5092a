package dev.sam2j.cuda.driver;

import static dev.sam2j.cuda.driver.JCudaCalls.check;

import dev.sam2j.cuda.driver.JCudaCalls.DeviceAddress;
import dev.sam2j.cuda.ptx.PtxKernel;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUresult;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;

/** A real device: its primary context and its streams, of which only the main one is there from the beginning. */
public final class JCudaContext implements CudaDriver {
    /** The block of a launch: first the addresses of the parameters, then their values. */
    private static final int VALUES_AT = 1024;

    private static final int BLOCK_BYTES = 8192;
    private static final int ONE_AT = BLOCK_BYTES - 8;
    private static final int BETA_AT = BLOCK_BYTES - 4;

    private final CUdevice device;
    private final CUcontext context = new CUcontext();
    private final String name;
    private final DeviceInfo info;
    private final PinnedMemory block;
    private final Map<Stream, JCudaStream> streams = new EnumMap<>(Stream.class);
    private JCudaStream selected;

    private JCudaContext(JCudaDevices.Chosen chosen, String libraries) {
        device = chosen.device();
        name = chosen.info().name();
        check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "context");
        PinnedMemory pinned = null;
        try {
            makeCurrent();
            pinned = new PinnedMemory(BLOCK_BYTES);
            pinned.bytes().putFloat(ONE_AT, 1);
            block = pinned;
            select(Stream.MAIN);
        } catch (RuntimeException | Error e) {
            release(pinned);
            throw e;
        }
        int version = selected.blas().version();
        info = chosen.info()
                .with(libraries + ", cuBLAS " + version / 10000 + "." + version / 100 % 100 + "." + version % 100);
    }

    /**
     * Opens a device; the libraries have been loaded.
     *
     * @throws dev.sam2j.BackendException if there is no such device, it is too old, or it has no room
     */
    public static JCudaContext open(int index, String libraries) {
        return new JCudaContext(JCudaDevices.choose(index), libraries);
    }

    @Override
    public DeviceInfo device() {
        return info;
    }

    @Override
    public long[] freeAndTotalBytes() {
        long[] free = new long[1];
        long[] total = new long[1];
        check(JCudaDriver.cuMemGetInfo(free, total), "memory of the device");
        return new long[] {free[0], total[0]};
    }

    @Override
    public void makeCurrent() {
        check(JCudaDriver.cuCtxSetCurrent(context), "context");
    }

    @Override
    public void select(Stream stream) {
        selected = streams.computeIfAbsent(
                stream, key -> new JCudaStream(name, key == Stream.MAIN, block.address() + ONE_AT));
    }

    @Override
    public long allocate(long bytes) {
        return JCudaCalls.allocate(bytes);
    }

    @Override
    public void free(long address) {
        check(JCudaDriver.cuMemFree(new DeviceAddress(address)), "freeing memory");
    }

    @Override
    public HostMemory allocateHost(long bytes) {
        return new PinnedMemory(bytes);
    }

    /** Page-locked memory. */
    private static final class PinnedMemory implements HostMemory {
        private final JCudaCalls.Pinned pointer = new JCudaCalls.Pinned();
        private final ByteBuffer bytes;

        PinnedMemory(long size) {
            check(JCudaDriver.cuMemAllocHost(pointer, size), size + " bytes of page-locked memory");
            bytes = pointer.getByteBuffer(0, size);
        }

        long address() {
            return pointer.value();
        }

        @Override
        public ByteBuffer bytes() {
            return bytes;
        }

        @Override
        public void close() {
            check(JCudaDriver.cuMemFreeHost(pointer), "freeing page-locked memory");
        }
    }

    @Override
    public void fill(long address, long bytes, byte value) {
        check(JCudaDriver.cuMemsetD8Async(new DeviceAddress(address), value, bytes, selected.handle()), "fill");
    }

    @Override
    public void copyToDevice(HostMemory source, long destination, long bytes) {
        DeviceAddress to = new DeviceAddress(destination);
        JCudaCalls.Address from = new JCudaCalls.Address(((PinnedMemory) source).address());
        check(JCudaDriver.cuMemcpyHtoDAsync(to, from, bytes, selected.handle()), "copy to the device");
    }

    @Override
    public void copyToHost(long source, HostMemory destination, long bytes) {
        DeviceAddress from = new DeviceAddress(source);
        JCudaCalls.Address to = new JCudaCalls.Address(((PinnedMemory) destination).address());
        check(JCudaDriver.cuMemcpyDtoHAsync(to, from, bytes, selected.handle()), "copy to the host");
    }

    @Override
    public void copyOnDevice(long source, long destination, long bytes) {
        DeviceAddress from = new DeviceAddress(source);
        DeviceAddress to = new DeviceAddress(destination);
        check(JCudaDriver.cuMemcpyDtoDAsync(to, from, bytes, selected.handle()), "copy on the device");
    }

    @Override
    public Event createEvent() {
        return new StreamEvent();
    }

    private final class StreamEvent implements Event {
        private final CUevent event = new CUevent();

        StreamEvent() {
            check(JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DISABLE_TIMING), "event");
        }

        @Override
        public void record() {
            check(JCudaDriver.cuEventRecord(event, selected.handle()), "event");
        }

        @Override
        public void await() {
            check(JCudaDriver.cuEventSynchronize(event), "waiting for the device");
        }

        @Override
        public void streamWait() {
            check(JCudaDriver.cuStreamWaitEvent(selected.handle(), event, 0), "waiting for another stream");
        }

        @Override
        public void close() {
            check(JCudaDriver.cuEventDestroy(event), "event");
        }
    }

    @Override
    public void synchronize() {
        streams.values().forEach(JCudaStream::synchronize);
    }

    @Override
    public Function load(PtxKernel kernel) {
        return new JCudaModule(kernel);
    }

    @Override
    public void launch(Function function, PtxKernel.Grid grid, int[] offsets, ByteBuffer parameters) {
        JCudaModule module = (JCudaModule) function;
        ByteBuffer bytes = block.bytes();
        long values = block.address() + VALUES_AT;
        int count = offsets.length - 1;
        for (int i = 0; i < count; i++) {
            bytes.putLong(8 * i, values + offsets[i]);
        }
        bytes.put(VALUES_AT, parameters, 0, offsets[count]);
        PtxKernel kernel = module.kernel();
        check(
                JCudaDriver.cuLaunchKernel(
                        module.function(),
                        grid.x(),
                        grid.y(),
                        grid.z(),
                        kernel.threads(),
                        1,
                        1,
                        kernel.sharedBytes(),
                        selected.handle(),
                        new JCudaCalls.Address(block.address()),
                        null),
                "cuLaunchKernel");
    }

    @Override
    public void gemm(Gemm gemm) {
        block.bytes().putFloat(BETA_AT, gemm.beta());
        selected.blas().gemm(gemm, block.address() + BETA_AT);
    }

    @Override
    public void beginCapture() {
        check(
                JCudaDriver.cuStreamBeginCapture(
                        selected.handle(), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
                "begin of a recording");
    }

    @Override
    public Graph endCapture() {
        CUgraph recorded = new CUgraph();
        check(JCudaDriver.cuStreamEndCapture(selected.handle(), recorded), "end of a recording");
        try {
            CUgraphExec executable = new CUgraphExec();
            check(JCudaDriver.cuGraphInstantiate(executable, recorded, 0), "instantiation of a recording");
            return new StreamGraph(executable);
        } finally {
            JCudaDriver.cuGraphDestroy(recorded);
        }
    }

    @Override
    public void abandonCapture() {
        CUgraph recorded = new CUgraph();
        if (JCudaDriver.cuStreamEndCapture(selected.handle(), recorded) == CUresult.CUDA_SUCCESS) {
            JCudaDriver.cuGraphDestroy(recorded);
        }
    }

    private final class StreamGraph implements Graph {
        private final CUgraphExec executable;

        StreamGraph(CUgraphExec executable) {
            this.executable = executable;
        }

        @Override
        public void launch() {
            check(JCudaDriver.cuGraphLaunch(executable, selected.handle()), "launch of a recording");
        }

        @Override
        public void close() {
            check(JCudaDriver.cuGraphExecDestroy(executable), "recording");
        }
    }

    private void release(PinnedMemory pinned) {
        streams.values().forEach(JCudaStream::close);
        if (pinned != null) {
            JCudaDriver.cuMemFreeHost(pinned.pointer);
        }
        JCudaDriver.cuDevicePrimaryCtxRelease(device);
    }

    @Override
    public void close() {
        release(block);
    }
}
