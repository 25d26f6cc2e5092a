package dev.sam2j.tensor.contract;

import dev.sam2j.tensor.Backend;
import java.util.List;
import java.util.Optional;

/** The backends that a module holds to the contract; found by {@link java.util.ServiceLoader}. */
public interface ContractBackends {
    /**
     * Names of backends to test.
     *
     * @param device {@code cpu} or {@code cuda} for this real device only, null for all that need no device
     * @param precision {@code fp32}, {@code fp16} or {@code bf16} for a real device only in this format, null for all
     */
    List<String> names(String device, String precision);

    /** Opens a backend of this module or aborts the test if this machine lacks it; empty for another module's name. */
    Optional<Backend> open(String name);
}
