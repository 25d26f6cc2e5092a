package dev.sam2j.tensor.cuda;

import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Precision;

/** Backends on {@link FakeCudaDriver}. */
public final class FakeCuda {
    /** Small pieces, so that tests cross their borders. */
    static final CudaSettings SETTINGS = new CudaSettings(1 << 16, 1 << 16, 1 << 16, 1 << 16, 3, 4096, true, 8);

    private FakeCuda() {}

    /** A backend on a device of its own. */
    public static Backend backend(Precision precision) {
        return backend(new FakeCudaDriver(), precision);
    }

    static CudaBackend backend(FakeCudaDriver driver, Precision precision) {
        return new CudaBackend(driver, precision, SETTINGS);
    }
}
