package dev.sam2j.cpu;

import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.contract.ContractBackends;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** With vectors and without, with factors in float32 and in bfloat16. */
public final class CpuContractBackends implements ContractBackends {
    @Override
    public List<String> names(String device, String precision) {
        return "cuda".equals(device) ? List.of() : List.of("cpu", "cpu-scalar", "cpu-bf16", "cpu-scalar-bf16");
    }

    @Override
    public Optional<Backend> open(String name) {
        return switch (name) {
            case "cpu" -> Optional.of(new CpuBackend(3));
            case "cpu-scalar" -> Optional.of(new CpuBackend(2, CpuKernels.scalar()));
            case "cpu-bf16" -> Optional.of(bf16());
            case "cpu-scalar-bf16" -> Optional.of(new CpuBackend(2, Bf16Kernels.scalar()));
            default -> Optional.empty();
        };
    }

    private static Backend bf16() {
        String reason = Bf16Kernels.unavailableReason();
        Assumptions.assumeTrue(reason == null, reason);
        return new CpuBackend(3, Bf16Kernels.choose());
    }
}
