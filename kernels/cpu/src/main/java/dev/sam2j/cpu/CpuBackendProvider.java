package dev.sam2j.cpu;

import dev.sam2j.BackendException;
import dev.sam2j.Precision;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.provider.BackendOptions;
import dev.sam2j.tensor.provider.BackendProvider;
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
    public void prepare(BackendOptions options) {
        if (options.precision() != Precision.BF16) {
            if (CpuKernels.vectorModulePresent()) {
                KernelWarmUp.start(CpuKernels.choose());
            }
            return;
        }
        // Finding out takes a tenth of a second, too.
        Thread thread = new Thread(
                () -> {
                    if (Bf16Kernels.unavailableReason() == null) {
                        KernelWarmUp.start(Bf16Kernels.choose());
                    }
                },
                "sam2j-prepare");
        thread.setDaemon(true);
        thread.start();
    }

    private static CpuKernels kernels(Precision precision) {
        switch (precision) {
            case AUTO, FP32:
                return CpuKernels.choose();
            case BF16:
                String reason = Bf16Kernels.unavailableReason();
                if (reason != null) {
                    throw new BackendException("precision: bf16 on the cpu is not available: " + reason);
                }
                return Bf16Kernels.choose();
            default:
                throw new BackendException("precision: the cpu computes in fp32 or bf16, "
                        + precision.name().toLowerCase(Locale.ROOT) + " needs a GPU");
        }
    }

    @Override
    public Backend open(int index, BackendOptions options) {
        if (index != 0) {
            throw new BackendException("device: there is only one cpu, got cpu:" + index);
        }
        int threads = options.threads() == 0 ? Runtime.getRuntime().availableProcessors() : options.threads();
        return new CpuBackend(threads, kernels(options.precision()));
    }
}
