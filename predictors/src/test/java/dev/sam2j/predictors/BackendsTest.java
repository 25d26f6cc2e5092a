package dev.sam2j.predictors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sam2j.BackendException;
import dev.sam2j.Precision;
import dev.sam2j.cpu.Bf16Kernels;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.provider.BackendOptions;
import dev.sam2j.tensor.provider.BackendProvider;
import dev.sam2j.tensor.provider.Backends;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Choosing a device by name. */
class BackendsTest {
    private static String cudaReason() {
        return Backends.providers().stream()
                .filter(provider -> provider.kind().equals("cuda"))
                .findFirst()
                .orElseThrow()
                .unavailableReason();
    }

    @Test
    void prefersCudaAndSaysWhyItIsNotUsed() {
        assertEquals(
                List.of("cuda", "cpu"),
                Backends.providers().stream().map(BackendProvider::kind).toList());
        String reason = cudaReason();
        assumeTrue(reason != null, "CUDA can be used here");
        String message = assertThrows(BackendException.class, () -> Backends.open("cuda", BackendOptions.DEFAULT))
                .getMessage();
        assertEquals("cuda cannot be used: " + reason, message);
        try (Backend backend = Backends.open("auto", new BackendOptions(1, Precision.AUTO))) {
            assertEquals("cpu", backend.info().name());
        }
        BackendOptions half = new BackendOptions(0, Precision.FP16);
        String both = assertThrows(BackendException.class, () -> Backends.open("auto", half))
                .getMessage();
        assertTrue(both.contains(reason) && both.contains("fp16 needs a GPU"), both);
    }

    @ParameterizedTest
    @CsvSource({"cpu", "cpu:0"})
    void opensTheCpu(String device) {
        try (Backend backend = Backends.open(device, new BackendOptions(1, Precision.AUTO))) {
            assertEquals("cpu", backend.info().name());
            assertTrue(
                    backend.info().description().contains("1 thread"),
                    backend.info().description());
        }
    }

    @ParameterizedTest
    @CsvSource({"tpu, expected auto or one of", "cpu:1, there is only one cpu", "cpu:x, expected a number"})
    void saysWhyADeviceCannotBeUsed(String device, String reason) {
        String message = assertThrows(BackendException.class, () -> Backends.open(device, BackendOptions.DEFAULT))
                .getMessage();
        assertTrue(message.contains(reason), message);
    }

    /** Which of both depends on Java and the processor. */
    @Test
    void opensTheCpuInBf16OrSaysWhatItNeeds() {
        BackendOptions options = new BackendOptions(1, Precision.BF16);
        String reason = Bf16Kernels.unavailableReason();
        if (reason == null) {
            try (Backend backend = Backends.open("cpu", options)) {
                assertEquals(Precision.BF16, backend.info().precision());
                assertTrue(
                        backend.info().description().contains("AVX512_BF16"),
                        backend.info().description());
            }
        } else {
            String message = assertThrows(BackendException.class, () -> Backends.open("cpu", options))
                    .getMessage();
            assertEquals("precision: bf16 on the cpu is not available: " + reason, message);
        }
        if (Runtime.version().feature() < 22) {
            assertTrue(reason.startsWith("it needs Java 22 or newer, this is "), reason);
        }
    }

    @Test
    void refusesWhatTheCpuCannotDo() {
        for (Precision precision : new Precision[] {Precision.FP16, Precision.TF32}) {
            BackendOptions options = new BackendOptions(0, precision);
            assertThrows(BackendException.class, () -> Backends.open("cpu", options));
        }
        assertThrows(IllegalArgumentException.class, () -> new BackendOptions(-1, Precision.AUTO));
    }
}
