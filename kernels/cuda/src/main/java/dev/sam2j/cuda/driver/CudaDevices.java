package dev.sam2j.cuda.driver;

import java.util.List;

/**
 * Lists devices. A {@link dev.sam2j.tensor.provider.BackendProvider} of CUDA implements it, and {@code sam2j doctor}
 * asks.
 */
public interface CudaDevices {
    /**
     * The devices of this machine by number; may load CUDA's libraries.
     *
     * @throws dev.sam2j.BackendException if CUDA cannot be used, with the reason
     */
    List<CudaDeviceInfo> devices();
}
