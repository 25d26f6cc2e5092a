package dev.sam2j.tensor;

/**
 * Memory of a device, in bytes.
 *
 * @param weights held for weights and other constants
 * @param tensors held for workspaces and tensors that outlive them
 * @param scratch held by the backend for its own intermediate results
 * @param free not used by anybody on the device
 * @param total of the device
 */
public record DeviceMemory(long weights, long tensors, long scratch, long free, long total) {
    /** For example {@code 512 MiB of weights, 96 MiB of tensors, 64 MiB of scratch; 138000 of 143000 MiB free}. */
    @Override
    public String toString() {
        return mebibytes(weights) + " MiB of weights, " + mebibytes(tensors) + " MiB of tensors, " + mebibytes(scratch)
                + " MiB of scratch; " + mebibytes(free) + " of " + mebibytes(total) + " MiB free";
    }

    private static long mebibytes(long bytes) {
        return (bytes + (1 << 19)) >> 20;
    }
}
