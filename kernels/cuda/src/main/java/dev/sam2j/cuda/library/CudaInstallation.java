package dev.sam2j.cuda.library;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What of CUDA was found on a machine.
 *
 * @param driver the driver's library, or null if it was not found
 * @param driverVersion version of the driver as the kernel or the library's name tells it, empty if neither does
 * @param major major number of the CUDA release whose libraries are to be used, 12 or 13; 0 if none were found
 * @param cublas cuBLAS, or null
 * @param cublasLt the library that cuBLAS is built on, of the same folder, or null
 * @param cudnn cuDNN 9, or null; nothing needs it
 * @param searched where cuBLAS was looked for, for messages
 * @param unavailableReason why CUDA cannot be used, in one sentence, or null if it can
 */
public record CudaInstallation(
        CudaLibrary driver,
        String driverVersion,
        int major,
        CudaLibrary cublas,
        CudaLibrary cublasLt,
        CudaLibrary cudnn,
        List<String> searched,
        String unavailableReason) {

    /** Copies the list. */
    public CudaInstallation {
        searched = List.copyOf(searched);
    }

    /** The libraries that were found. */
    public List<CudaLibrary> libraries() {
        return Stream.of(driver, cublas, cublasLt, cudnn)
                .filter(Objects::nonNull)
                .toList();
    }
}
