package dev.sam2j.cuda.driver;

import static dev.sam2j.cuda.driver.JCudaCalls.check;

import dev.sam2j.BackendException;
import dev.sam2j.cuda.driver.JCudaCalls.DeviceAddress;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/** A stream and cuBLAS on it. */
final class JCudaStream implements AutoCloseable {
    /** Memory that cuBLAS is given, as NVIDIA advises for its largest kernels. */
    private static final long BLAS_WORKSPACE = 32 << 20;

    private final CUstream stream = new CUstream();
    private final long workspace;
    private final JCudaBlas blas;

    /**
     * A stream on the current context.
     *
     * @param device its name, for errors
     * @param hurries whether its work goes before that of streams that do not, where both could run
     * @param one address of a float32 1 on the host, which stays there
     * @throws BackendException if the device has no room for the workspace
     */
    JCudaStream(String device, boolean hurries, long one) {
        int[] least = new int[1];
        int[] greatest = new int[1];
        check(JCudaDriver.cuCtxGetStreamPriorityRange(least, greatest), "priorities of streams");
        int priority = hurries ? greatest[0] : least[0];
        check(
                JCudaDriver.cuStreamCreateWithPriority(stream, CUstream_flags.CU_STREAM_NON_BLOCKING, priority),
                "stream");
        long allocated = 0;
        try {
            allocated = JCudaCalls.allocate(BLAS_WORKSPACE);
            if (allocated == 0) {
                throw new BackendException(
                        device + ": no room for " + BLAS_WORKSPACE + " bytes of workspace for cuBLAS");
            }
            blas = new JCudaBlas(stream, one, allocated, BLAS_WORKSPACE);
        } catch (RuntimeException | Error e) {
            if (allocated != 0) {
                JCudaDriver.cuMemFree(new DeviceAddress(allocated));
            }
            JCudaDriver.cuStreamDestroy(stream);
            throw e;
        }
        workspace = allocated;
    }

    CUstream handle() {
        return stream;
    }

    JCudaBlas blas() {
        return blas;
    }

    void synchronize() {
        check(JCudaDriver.cuStreamSynchronize(stream), "waiting for the device");
    }

    @Override
    public void close() {
        blas.close();
        JCudaDriver.cuMemFree(new DeviceAddress(workspace));
        JCudaDriver.cuStreamDestroy(stream);
    }
}
