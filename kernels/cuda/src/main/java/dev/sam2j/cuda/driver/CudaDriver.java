package dev.sam2j.cuda.driver;

import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.tensor.DType;
import java.nio.ByteBuffer;

/**
 * One device with a context and streams of its own: the seam between the backend and CUDA. Work is queued on the stream
 * selected last and runs in its order; calls return before it has run. Device addresses are plain numbers.
 *
 * <p>Every method throws {@link dev.sam2j.BackendException} with CUDA's own name and text of an error. Errors of
 * queued work show at a later call. One thread at a time may use a driver, {@link Event#await} excepted, and must call
 * {@link #makeCurrent} first.
 */
public interface CudaDriver extends AutoCloseable {
    /** What is known of the device. */
    DeviceInfo device();

    /** Bytes that are free and that there are on the device. */
    long[] freeAndTotalBytes();

    /** Binds the calling thread to the device. */
    void makeCurrent();

    /** Chooses the stream that work is queued on; the main one is at first. Not during a recording. */
    void select(Stream stream);

    /** The address of new device memory, a multiple of 256, or 0 if the device has no room for it. */
    long allocate(long bytes);

    /** Frees device memory once the work queued before, on whatever stream, has run. */
    void free(long address);

    /** New page-locked host memory. */
    HostMemory allocateHost(long bytes);

    /** Sets bytes of device memory. */
    void fill(long address, long bytes, byte value);

    /** Copies to the device; the host memory must stay as it is until the copy has run. */
    void copyToDevice(HostMemory source, long destination, long bytes);

    /** Copies to the host; the result is there when the copy has run. */
    void copyToHost(long source, HostMemory destination, long bytes);

    /** Copies inside the device. */
    void copyOnDevice(long source, long destination, long bytes);

    /** A new event. */
    Event createEvent();

    /** Waits until all queued work has run, on whatever stream. */
    void synchronize();

    /**
     * Compiles a module of one kernel.
     *
     * @throws dev.sam2j.BackendException with the compiler's log
     */
    Function load(PtxKernel kernel);

    /**
     * Queues a kernel.
     *
     * @param offsets of the parameters' values in {@code parameters}
     * @param parameters values from position 0 on, copied by this call
     */
    void launch(Function function, PtxKernel.Grid grid, int[] offsets, ByteBuffer parameters);

    /** Queues a matrix product. */
    void gemm(Gemm gemm);

    /**
     * Starts to record queued work instead of running it. Until the end of the recording nothing may be allocated,
     * freed or waited for.
     */
    void beginCapture();

    /** Ends the recording and makes it runnable. */
    Graph endCapture();

    /** Ends the recording and throws it away; never throws. */
    void abandonCapture();

    /** Releases the streams and the context, after everything else has been freed. */
    @Override
    void close();

    /** A stream. Work on one runs in the order in which it was queued, and beside that of the other. */
    enum Stream {
        /** For work that is waited for. */
        MAIN,
        /** For work that shall not hold up the main stream. */
        SIDE
    }

    /**
     * A device.
     *
     * @param index among the devices of the machine
     * @param name for people
     * @param major of its compute capability
     * @param minor of its compute capability
     * @param multiprocessors number of multiprocessors
     * @param maxSharedBytes shared memory that a block can ask for
     * @param driverVersion of CUDA that the driver supports, 1000 times major plus 10 times minor
     * @param libraries versions of the libraries in use, for people
     */
    record DeviceInfo(
            int index,
            String name,
            int major,
            int minor,
            int multiprocessors,
            int maxSharedBytes,
            int driverVersion,
            String libraries) {
        /** Whether the device runs kernels for compute capability 9.0, which no other does. */
        public boolean isHopper() {
            return major == 9 && minor == 0;
        }

        /** The same device with other libraries. */
        DeviceInfo with(String inUse) {
            return new DeviceInfo(index, name, major, minor, multiprocessors, maxSharedBytes, driverVersion, inUse);
        }
    }

    /** Page-locked host memory. */
    interface HostMemory extends AutoCloseable {
        /** All of it, in native byte order; the same view each time. */
        ByteBuffer bytes();

        @Override
        void close();
    }

    /** A mark in a stream. */
    interface Event extends AutoCloseable {
        /** Puts the mark behind the work queued on the selected stream so far. */
        void record();

        /** Waits until the last mark, if there is one, has been reached. */
        void await();

        /** Lets work queued on the selected stream from now on wait for the last mark, if there is one. */
        void streamWait();

        @Override
        void close();
    }

    /** A compiled kernel. */
    interface Function extends AutoCloseable {
        /** Registers of a thread, and bytes of local memory that it spills to, for people. */
        String resources();

        /** Unloads the module. */
        @Override
        void close();
    }

    /** Recorded work. */
    interface Graph extends AutoCloseable {
        /** Queues the work once more. */
        void launch();

        @Override
        void close();
    }

    /** How factors of a product are stored and multiplied; sums are float32. */
    enum Factors {
        /** float32. */
        F32(DType.F32),
        /** float32, rounded to TF32 for the multiplication. */
        TF32(DType.F32),
        /** float16. */
        F16(DType.F16),
        /** bfloat16. */
        BF16(DType.BF16);

        private final DType type;

        Factors(DType type) {
            this.type = type;
        }

        /** How they are stored. */
        public DType type() {
            return type;
        }
    }

    /**
     * {@code C = Aᵀ B + beta C} for each batch entry, column-major: A (k, m), B (k, n), C (m, n).
     *
     * @param factors type of A and B
     * @param wide whether C is float32 or, with factors of two bytes only, of their type
     */
    record Gemm(
            Factors factors,
            boolean wide,
            int m,
            int n,
            int k,
            Operand a,
            Operand b,
            float beta,
            Operand c,
            int batch) {}

    /**
     * A matrix of a product.
     *
     * @param address of the first element
     * @param stride elements between the starts of two columns
     * @param batchStride elements between two batch entries, 0 if they share one
     */
    record Operand(long address, int stride, long batchStride) {}
}
