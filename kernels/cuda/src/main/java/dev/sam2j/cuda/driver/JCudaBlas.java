package dev.sam2j.cuda.driver;

import dev.sam2j.BackendException;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.driver.CUstream;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasMath;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/**
 * cuBLAS on one stream. Its workspace is given by the caller, so that it allocates nothing while work is recorded and
 * gives the same result every time.
 */
final class JCudaBlas implements AutoCloseable {
    private final cublasHandle handle = new cublasHandle();
    private final Pointer one;
    private final int version;

    /**
     * A handle on the current context.
     *
     * @param one address of a float32 1 on the host, which stays there
     * @param workspace device memory for cuBLAS
     */
    JCudaBlas(CUstream stream, long one, long workspace, long workspaceBytes) {
        this.one = new JCudaCalls.Address(one);
        check(JCublas2.cublasCreate(handle), "cublasCreate");
        try {
            check(JCublas2.cublasSetStream(handle, new cudaStream_t(stream)), "cublasSetStream");
            // after the stream, whose setting returns to cuBLAS's own workspace
            check(
                    JCublas2.cublasSetWorkspace(handle, new JCudaCalls.Address(workspace), workspaceBytes),
                    "cublasSetWorkspace");
            int mode = cublasMath.CUBLAS_DEFAULT_MATH | cublasMath.CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION;
            check(JCublas2.cublasSetMathMode(handle, mode), "cublasSetMathMode");
            int[] number = new int[1];
            check(JCublas2.cublasGetVersion(handle, number), "cublasGetVersion");
            version = number[0];
        } catch (RuntimeException | Error e) {
            JCublas2.cublasDestroy(handle);
            throw e;
        }
    }

    /** Version of the library in use, 10000 times major plus 100 times minor plus patch. */
    int version() {
        return version;
    }

    private static void check(int status, String what) {
        if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
            throw new BackendException(what + ": " + JCublas2.cublasGetStatusString(status) + " ("
                    + JCublas2.cublasGetStatusName(status) + ")");
        }
    }

    /**
     * Queues a product.
     *
     * @param beta address of the product's beta on the host, read by this call
     */
    void gemm(CudaDriver.Gemm g, long beta) {
        int factors = switch (g.factors()) {
            case F32, TF32 -> cudaDataType.CUDA_R_32F;
            case F16 -> cudaDataType.CUDA_R_16F;
            case BF16 -> cudaDataType.CUDA_R_16BF;
        };
        int result = g.wide() ? cudaDataType.CUDA_R_32F : factors;
        int compute = g.factors() == CudaDriver.Factors.TF32
                ? cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32
                : cublasComputeType.CUBLAS_COMPUTE_32F;
        Pointer a = new JCudaCalls.Address(g.a().address());
        Pointer b = new JCudaCalls.Address(g.b().address());
        Pointer c = new JCudaCalls.Address(g.c().address());
        Pointer betaAt = new JCudaCalls.Address(beta);
        int algorithm = cublasGemmAlgo.CUBLAS_GEMM_DEFAULT;
        if (g.batch() == 1) {
            check(
                    JCublas2.cublasGemmEx_new(
                            handle,
                            cublasOperation.CUBLAS_OP_T,
                            cublasOperation.CUBLAS_OP_N,
                            g.m(),
                            g.n(),
                            g.k(),
                            one,
                            a,
                            factors,
                            g.a().stride(),
                            b,
                            factors,
                            g.b().stride(),
                            betaAt,
                            c,
                            result,
                            g.c().stride(),
                            compute,
                            algorithm),
                    "cublasGemmEx");
            return;
        }
        check(
                JCublas2.cublasGemmStridedBatchedEx_new(
                        handle,
                        cublasOperation.CUBLAS_OP_T,
                        cublasOperation.CUBLAS_OP_N,
                        g.m(),
                        g.n(),
                        g.k(),
                        one,
                        a,
                        factors,
                        g.a().stride(),
                        g.a().batchStride(),
                        b,
                        factors,
                        g.b().stride(),
                        g.b().batchStride(),
                        betaAt,
                        c,
                        result,
                        g.c().stride(),
                        g.c().batchStride(),
                        g.batch(),
                        compute,
                        algorithm),
                "cublasGemmStridedBatchedEx");
    }

    @Override
    public void close() {
        JCublas2.cublasDestroy(handle);
    }
}
