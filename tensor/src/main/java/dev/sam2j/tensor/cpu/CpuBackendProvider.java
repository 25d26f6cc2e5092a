package dev.sam2j.tensor.cpu;

import dev.sam2j.kernels.cpu.CpuKernels;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.BackendException;
import dev.sam2j.tensor.BackendOptions;
import dev.sam2j.tensor.BackendProvider;
import dev.sam2j.tensor.Precision;
import java.util.Locale;

/** Provides the processor this program runs on; always available. */
public final class CpuBackendProvider implements BackendProvider {
    @Override
    public String kind() {
        return "cpu";
    }

    @Override
    public int priority() {
        return 0;
    }

    @Override
    public String unavailableReason() {
        return null;
    }

    @Override
    public void prepare() {
        if (CpuKernels.vectorModulePresent()) {
            KernelWarmUp.start(CpuKernels.choose());
        }
    }

    @Override
    public Backend open(int index, BackendOptions options) {
        if (index != 0) {
            throw new BackendException("device: there is only one cpu, got cpu:" + index);
        }
        Precision precision = options.precision();
        if (precision != Precision.AUTO && precision != Precision.FP32) {
            throw new BackendException("precision: the cpu computes in fp32, "
                    + precision.name().toLowerCase(Locale.ROOT) + " needs a GPU");
        }
        return options.threads() == 0 ? new CpuBackend() : new CpuBackend(options.threads());
    }
}
