package dev.sam2j.cuda.driver;

import static dev.sam2j.cuda.driver.JCudaCalls.check;

import dev.sam2j.BackendException;
import dev.sam2j.cuda.ptx.PtxKernel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUjit_option;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import jcuda.driver.JITOptions;

/** A kernel that the driver has compiled. */
final class JCudaModule implements CudaDriver.Function {
    private static final int LOG_BYTES = 8192;
    /** Dynamic shared memory that needs no asking. */
    private static final int PLAIN_SHARED_BYTES = 48 << 10;

    private final PtxKernel kernel;
    private final CUmodule module = new CUmodule();
    private final CUfunction function = new CUfunction();

    JCudaModule(PtxKernel kernel) {
        this.kernel = kernel;
        byte[] text = kernel.source().getBytes(StandardCharsets.US_ASCII);
        byte[] terminated = Arrays.copyOf(text, text.length + 1);
        JITOptions options = new JITOptions();
        options.putBytes(CUjit_option.CU_JIT_ERROR_LOG_BUFFER, new byte[LOG_BYTES]);
        options.putInt(CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, LOG_BYTES);
        int result = JCudaDriver.cuModuleLoadDataJIT(module, Pointer.to(terminated), options);
        if (result != CUresult.CUDA_SUCCESS) {
            String log = options.getString(CUjit_option.CU_JIT_ERROR_LOG_BUFFER);
            throw new BackendException("kernel " + kernel.entry() + " cannot be compiled: " + JCudaCalls.error(result)
                    + (log == null || log.isBlank() ? "" : ": " + log.strip()));
        }
        try {
            check(JCudaDriver.cuModuleGetFunction(function, module, kernel.entry()), "kernel " + kernel.entry());
            if (kernel.sharedBytes() > PLAIN_SHARED_BYTES) {
                check(
                        JCudaDriver.cuFuncSetAttribute(
                                function,
                                CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                                kernel.sharedBytes()),
                        "kernel " + kernel.entry() + ": " + kernel.sharedBytes() + " bytes of shared memory");
            }
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    PtxKernel kernel() {
        return kernel;
    }

    CUfunction function() {
        return function;
    }

    @Override
    public String resources() {
        int registers = attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_NUM_REGS);
        int local = attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES);
        return kernel.entry() + ": " + registers + " registers, " + local + " bytes of local memory";
    }

    private int attribute(int which) {
        int[] value = new int[1];
        check(JCudaDriver.cuFuncGetAttribute(value, which, function), "kernel " + kernel.entry());
        return value[0];
    }

    @Override
    public void close() {
        JCudaDriver.cuModuleUnload(module);
    }
}
