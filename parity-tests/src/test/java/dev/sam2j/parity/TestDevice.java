package dev.sam2j.parity;

import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.BackendException;
import dev.sam2j.tensor.BackendOptions;
import dev.sam2j.tensor.Backends;
import dev.sam2j.tensor.Precision;
import dev.sam2j.tensor.cuda.FakeCuda;
import java.util.Locale;
import org.junit.jupiter.api.Assumptions;

/**
 * What the tests compute on: {@code dev.sam2j.test.device=cpu} (the default), {@code cuda} or {@code cuda:N}, and
 * {@code dev.sam2j.test.precision=fp32} (the default), {@code tf32} or {@code bf16}. {@code fake-cuda} is the CUDA
 * backend on a device in host memory, for the smallest cases.
 */
final class TestDevice {
    static final Precision PRECISION = Precision.valueOf(
            System.getProperty("dev.sam2j.test.precision", "fp32").toUpperCase(Locale.ROOT));

    private TestDevice() {}

    /** The backend; a test that needs one that this machine lacks is skipped, with the reason. */
    static Backend open() {
        String device = System.getProperty("dev.sam2j.test.device", "cpu");
        if (device.equals("fake-cuda")) {
            return FakeCuda.backend(PRECISION);
        }
        try {
            return Backends.open(device, new BackendOptions(0, PRECISION));
        } catch (BackendException e) {
            return Assumptions.abort(e.getMessage());
        }
    }

    /** A bound for float32 throughout, or the wider one for formats whose products round to 8 or 11 bits. */
    static double bound(double float32, double rounded) {
        return PRECISION == Precision.FP32 ? float32 : rounded;
    }
}
