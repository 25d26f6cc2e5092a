package dev.sam2j.cuda;

import dev.sam2j.BackendException;
import dev.sam2j.Precision;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.contract.ContractBackends;
import dev.sam2j.tensor.provider.BackendOptions;
import dev.sam2j.tensor.provider.Backends;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** A device in host memory ({@link FakeCuda}), or a GPU ({@code cuda}), in every number format. */
public final class CudaContractBackends implements ContractBackends {
    @Override
    public List<String> names(String device, String precision) {
        if (device == null) {
            return List.of("fake-cuda-fp32", "fake-cuda-fp16", "fake-cuda-bf16");
        }
        if (!device.equals("cuda")) {
            return List.of();
        }
        return precision == null ? List.of("cuda-fp32", "cuda-fp16", "cuda-bf16") : List.of("cuda-" + precision);
    }

    @Override
    public Optional<Backend> open(String name) {
        int dash = name.lastIndexOf('-');
        String kind = name.substring(0, Math.max(0, dash));
        return switch (kind) {
            case "cuda" -> Optional.of(device(precision(name, dash)));
            case "fake-cuda" -> Optional.of(FakeCuda.backend(precision(name, dash)));
            default -> Optional.empty();
        };
    }

    private static Precision precision(String name, int dash) {
        return Precision.valueOf(name.substring(dash + 1).toUpperCase(Locale.ROOT));
    }

    private static Backend device(Precision precision) {
        try {
            return Backends.open("cuda", new BackendOptions(0, precision));
        } catch (BackendException e) {
            return Assumptions.abort(e.getMessage());
        }
    }
}
