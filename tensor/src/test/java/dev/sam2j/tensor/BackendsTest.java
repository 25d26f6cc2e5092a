package dev.sam2j.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Choosing a device by name. */
class BackendsTest {
    @ParameterizedTest
    @CsvSource({"auto", "cpu", "cpu:0"})
    void opensTheCpu(String device) {
        try (Backend backend = Backends.open(device, new BackendOptions(1, Precision.AUTO))) {
            assertEquals("cpu", backend.name());
            assertTrue(backend.description().contains("1 thread"), backend.description());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "tpu, expected auto or one of",
        "cpu:1, there is only one cpu",
        "cpu:x, expected a number",
        "cuda, expected auto or one of"
    })
    void saysWhyADeviceCannotBeUsed(String device, String reason) {
        String message = assertThrows(BackendException.class, () -> Backends.open(device, BackendOptions.DEFAULT))
                .getMessage();
        assertTrue(message.contains(reason), message);
    }

    @Test
    void refusesWhatTheCpuCannotDo() {
        BackendOptions half = new BackendOptions(0, Precision.BF16);
        assertThrows(BackendException.class, () -> Backends.open("cpu", half));
        assertThrows(IllegalArgumentException.class, () -> new BackendOptions(-1, Precision.AUTO));
    }
}
