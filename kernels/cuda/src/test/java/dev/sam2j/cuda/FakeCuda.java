package dev.sam2j.cuda;

import dev.sam2j.Precision;
import dev.sam2j.cuda.device.CudaSettings;
import dev.sam2j.tensor.Backend;
import java.util.List;

/** Backends on {@link FakeCudaDriver}. */
public final class FakeCuda {
    /** Small pieces, so that tests cross their borders. */
    public static final CudaSettings SETTINGS = settings("auto");

    private FakeCuda() {}

    /** A backend on a device of its own. */
    public static Backend backend(Precision precision) {
        return backend(new FakeCudaDriver(), precision);
    }

    /** How often a backend of this class has repeated a recording. */
    public static long replays(Backend backend) {
        return ((CudaBackend) backend).device().graphs().replays();
    }

    /** Why a backend of this class did not record sections. */
    public static List<String> refusals(Backend backend) {
        return ((CudaBackend) backend).device().graphs().refusals();
    }

    /** The settings with another choice of kernels for products. */
    public static CudaSettings settings(String products) {
        return new CudaSettings(1 << 16, 1 << 16, 1 << 16, 1 << 16, 3, 4096, true, 8, true, products);
    }

    public static CudaBackend backend(FakeCudaDriver driver, Precision precision) {
        return new CudaBackend(driver, precision, SETTINGS);
    }
}
