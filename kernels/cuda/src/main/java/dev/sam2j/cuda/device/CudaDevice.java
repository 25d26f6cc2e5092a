package dev.sam2j.cuda.device;

import dev.sam2j.BackendException;
import dev.sam2j.cuda.driver.CudaDriver;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.DeviceMemory;
import dev.sam2j.tensor.Tensor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * What the operations share: one driver, its memory and kernels, and the lock under which each operation queues its
 * work as a whole. Also the views of tensors that kernels need.
 */
public final class CudaDevice implements AutoCloseable {
    private final CudaDriver driver;
    private final CudaSettings settings;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final DeviceHeap weights;
    private final DeviceHeap tensors;
    private final DeviceHeap scratchHeap;
    private final CudaStreams streams;
    private final Kernels kernels;
    private final StagingBuffers staging;
    private final Readbacks readbacks;
    private final GraphCache graphs;
    private boolean closed;

    /** Takes over the driver, which it closes, also if this fails. */
    public CudaDevice(CudaDriver driver, CudaSettings settings) {
        this.driver = driver;
        this.settings = settings;
        try {
            driver.makeCurrent();
            weights = new DeviceHeap(driver, "weights", settings.weightsChunk());
            tensors = new DeviceHeap(driver, "tensors", settings.tensorsChunk());
            scratchHeap = new DeviceHeap(driver, "scratch memory", settings.scratchChunk());
            streams = new CudaStreams(this, this::stream);
            graphs = new GraphCache(driver, settings.graphs(), settings.maxGraphs(), streams);
            kernels = new Kernels(driver, () -> graphs.refuse("compiles a kernel"));
            staging = new StagingBuffers(driver, settings.stagingSlots(), settings.stagingBytes());
            readbacks = new Readbacks(driver);
        } catch (RuntimeException | Error e) {
            driver.close();
            throw e;
        }
    }

    private CudaStream stream(CudaDriver.Stream stream) {
        Scratch scratch =
                new Scratch(scratchHeap, settings.scratchChunk(), () -> graphs.refuse("takes more scratch memory"));
        return new CudaStream(stream, scratch, new DeferredUpdate(this, scratchHeap), driver.createEvent());
    }

    /** The device itself. */
    public CudaDriver driver() {
        return driver;
    }

    /** Its kernels. */
    public Kernels kernels() {
        return kernels;
    }

    /** Begins the launch of a kernel. */
    public Launch launch(PtxSource source) {
        return kernels.launch(source);
    }

    /** Copies that are waited for. */
    public StagingBuffers staging() {
        return staging;
    }

    /** Of the stream that the operation in progress runs on. */
    public DeferredUpdate deferredUpdate() {
        return streams.selected().deferredUpdate();
    }

    /** Its streams. */
    public CudaStreams streams() {
        return streams;
    }

    /** Whether work may run beside other work. */
    public boolean forks() {
        return settings.forks();
    }

    /** Copies to the host that nobody waits for yet. */
    public Readbacks readbacks() {
        return readbacks;
    }

    /** Recorded sections. */
    public GraphCache graphs() {
        return graphs;
    }

    /** Bytes of an intermediate result from which operations work batch entry by batch entry. */
    public long intermediateLimit() {
        return settings.intermediateLimit();
    }

    /** Name of the backend, {@code cuda:0}. */
    public String name() {
        return "cuda:" + driver.device().index();
    }

    /** Runs one operation: its work is queued as a whole, and scratch memory is its own until it ends. */
    public void run(Runnable operation) {
        get(() -> {
            operation.run();
            return null;
        });
    }

    /** {@link #run} with a result. */
    public <T> T get(Supplier<T> operation) {
        return afterUpdate(() -> {
            deferredUpdate().settle();
            return operation.get();
        });
    }

    /** {@link #run}, without effect once the backend has been closed. */
    void unlessClosed(Runnable operation) {
        lock.lock();
        try {
            if (!closed) {
                run(operation);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Runs what queues no work under the lock. */
    void locked(Runnable body) {
        lock.lock();
        try {
            requireOpen();
            driver.makeCurrent();
            body.run();
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException(name() + ": the backend has been closed");
        }
    }

    /** Signalled when readers of copies have gone. */
    Condition changed() {
        return changed;
    }

    /** {@link #get} for an operation that settles {@link #deferredUpdate} itself, or makes one. */
    public <T> T afterUpdate(Supplier<T> operation) {
        lock.lock();
        try {
            requireOpen();
            driver.makeCurrent();
            streams.select();
            streams.selected().scratch().reset();
            return operation.get();
        } finally {
            lock.unlock();
        }
    }

    /** Allocates memory for a model's constants, or for anything else. */
    public CudaStorage allocate(DType dtype, long elements, boolean constant) {
        return get(() -> {
            graphs.refuse("allocates memory");
            DeviceHeap heap = constant ? weights : tensors;
            DeviceHeap.Block block = heap.allocate(elements * dtype.bytes());
            return new CudaStorage(this, heap, dtype, elements, block);
        });
    }

    /** Frees a storage by {@code free}; does nothing after the backend has been closed. */
    void release(CudaStorage storage, Runnable free) {
        unlessClosed(() -> {
            if (storage.address() != 0) {
                graphs.refuse("frees memory");
                try {
                    graphs.forget(storage);
                } finally {
                    free.run();
                }
            }
        });
    }

    /** Called when a constant's values have been queued: other streams use constants without waiting for this one. */
    void constantWritten() {
        if (streams.hasForked()) {
            driver.synchronize();
        }
    }

    /** Address of a storage that is about to be used. */
    public long address(CudaStorage storage) {
        long address = storage.address();
        if (address == 0) {
            throw new IllegalStateException(name() + ": the memory of a tensor or matrix has been freed");
        }
        graphs.note(storage);
        return address;
    }

    /** A tensor as rows. */
    public DeviceMatrix matrix(Tensor tensor) {
        DType type = tensor.dtype();
        long address = address((CudaStorage) tensor.storage()) + tensor.offset() * type.bytes();
        return new DeviceMatrix(address, type, tensor.rows(), tensor.cols(), tensor.rowStride());
    }

    /**
     * A tensor as rows of a type, converted if it has another: constants once and for all, anything else in scratch
     * memory.
     */
    public DeviceMatrix matrix(Tensor tensor, DType type) {
        DeviceMatrix own = matrix(tensor);
        CudaStorage storage = (CudaStorage) tensor.storage();
        if (own.type() == type) {
            return own;
        }
        if (!storage.isIn(weights)) {
            return copyOf(own, type);
        }
        long address = address(converted(storage, type)) + tensor.offset() * type.bytes();
        return new DeviceMatrix(address, type, own.rows(), own.columns(), own.stride());
    }

    private CudaStorage converted(CudaStorage constant, DType type) {
        return constant.converted(() -> {
            graphs.refuse("converts a constant");
            int elements = Math.toIntExact(constant.elements());
            CudaStorage copy =
                    new CudaStorage(this, weights, type, elements, weights.allocate((long) elements * type.bytes()));
            try {
                copy(
                        new DeviceMatrix(constant.address(), constant.dtype(), 1, elements, elements),
                        new DeviceMatrix(copy.address(), type, 1, elements, elements));
                constantWritten();
            } catch (RuntimeException | Error e) {
                copy.close();
                throw e;
            }
            return copy;
        });
    }

    /** A tensor as rows of a type without gaps, copied to scratch memory if need be. */
    public DeviceMatrix contiguous(Tensor tensor, DType type) {
        DeviceMatrix rows = matrix(tensor, type);
        return rows.contiguous() ? rows : copyOf(rows, type);
    }

    /** Whether a tensor's values stay as they are. */
    public boolean isConstant(Tensor tensor) {
        return ((CudaStorage) tensor.storage()).isIn(weights);
    }

    /** All elements of a tensor as one float32 row, or null for null. */
    public DeviceMatrix vector(Tensor tensor) {
        if (tensor == null) {
            return null;
        }
        return contiguous(tensor, DType.F32)
                .reshaped(1, Math.toIntExact(tensor.shape().elements()));
    }

    /** An uninitialised matrix without gaps in scratch memory. */
    public DeviceMatrix scratch(DType type, int rows, int columns) {
        return new DeviceMatrix(
                streams.selected().scratch().take((long) rows * columns * type.bytes()), type, rows, columns, columns);
    }

    /** Address of uninitialised scratch memory. */
    public long scratch(long bytes) {
        return streams.selected().scratch().take(bytes);
    }

    /** Address of scratch memory that is filled from the host. */
    public long uploaded(long bytes, StagingBuffers.Part source) {
        long address = scratch(bytes);
        staging.upload(address, bytes, source);
        return address;
    }

    private DeviceMatrix copyOf(DeviceMatrix source, DType type) {
        DeviceMatrix copy = scratch(type, source.rows(), source.columns());
        copy(source, copy);
        return copy;
    }

    /** Copies rows, which repeat if there are fewer than in the destination, and converts them to its type. */
    public void copy(DeviceMatrix source, DeviceMatrix destination) {
        CudaCopy.run(this, source, destination);
    }

    /** Device memory in use. */
    public DeviceMemory memory() {
        return get(() -> {
            long[] freeAndTotal = driver.freeAndTotalBytes();
            return new DeviceMemory(
                    weights.held(), tensors.held(), scratchHeap.held(), freeAndTotal[0], freeAndTotal[1]);
        });
    }

    /** Takes all steps, whether or not one fails, and throws the first failure at the end. */
    private static void closeAll(Runnable... steps) {
        BackendException first = null;
        for (Runnable step : steps) {
            try {
                step.run();
            } catch (BackendException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /** Frees everything; closing twice has no effect. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            readbacks.awaitReaders(this);
            closed = true;
            closeAll(
                    driver::makeCurrent,
                    driver::synchronize,
                    graphs::close,
                    kernels::close,
                    staging::close,
                    readbacks::close,
                    streams::close,
                    weights::close,
                    tensors::close,
                    scratchHeap::close,
                    driver::close);
        } finally {
            lock.unlock();
        }
    }
}
