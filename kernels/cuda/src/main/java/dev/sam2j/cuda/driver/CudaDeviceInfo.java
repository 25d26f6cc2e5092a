package dev.sam2j.cuda.driver;

import java.util.Objects;

/**
 * A device that CUDA can use.
 *
 * @param name the product's name, as the driver reports it
 * @param computeCapability major and minor number, for instance {@code 9.0}
 * @param totalBytes its memory in bytes
 * @param freeBytes memory that is free, in bytes
 */
public record CudaDeviceInfo(String name, String computeCapability, long totalBytes, long freeBytes) {
    /**
     * Checks the fields.
     *
     * @throws IllegalArgumentException if the memory is negative or more of it is free than there is
     */
    public CudaDeviceInfo {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(computeCapability, "computeCapability");
        if (freeBytes < 0 || freeBytes > totalBytes) {
            throw new IllegalArgumentException(
                    "CudaDeviceInfo: freeBytes: expected 0 to " + totalBytes + ", got " + freeBytes);
        }
    }
}
