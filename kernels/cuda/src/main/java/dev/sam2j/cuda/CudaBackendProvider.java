package dev.sam2j.cuda;

import dev.sam2j.cuda.device.CudaSettings;
import dev.sam2j.cuda.driver.CudaDeviceInfo;
import dev.sam2j.cuda.driver.CudaDevices;
import dev.sam2j.cuda.driver.CudaDriver;
import dev.sam2j.cuda.driver.JCudaContext;
import dev.sam2j.cuda.driver.JCudaDevices;
import dev.sam2j.cuda.library.CudaLibraries;
import dev.sam2j.cuda.library.LoadedLibraries;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.provider.BackendOptions;
import dev.sam2j.tensor.provider.BackendProvider;
import java.util.List;

/** Provides NVIDIA GPUs, before the CPU. */
public final class CudaBackendProvider implements BackendProvider, CudaDevices {
    private static final int PRIORITY = 100;

    @Override
    public String kind() {
        return "cuda";
    }

    @Override
    public int priority() {
        return PRIORITY;
    }

    @Override
    public String unavailableReason() {
        return CudaLibraries.unavailableReason();
    }

    @Override
    public Backend open(int index, BackendOptions options) {
        LoadedLibraries libraries = CudaLibraries.load();
        CudaDriver driver = JCudaContext.open(index, libraries.description());
        return new CudaBackend(driver, options.precision(), CudaSettings.standard());
    }

    @Override
    public List<CudaDeviceInfo> devices() {
        CudaLibraries.load();
        return JCudaDevices.list();
    }
}
