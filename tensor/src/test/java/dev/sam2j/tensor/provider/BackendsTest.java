package dev.sam2j.tensor.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sam2j.BackendException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Here no backend is among the libraries; where they are, see the test of this name in predictors. */
class BackendsTest {
    @ParameterizedTest
    @CsvSource({"auto, no device is available", "cpu, cpu cannot be used", "cuda:1, cuda:1 cannot be used"})
    void withoutABackendSaysWhatToAdd(String device, String begin) {
        String message = assertThrows(BackendException.class, () -> Backends.open(device, BackendOptions.DEFAULT))
                .getMessage();
        assertEquals(
                begin
                        + ": this program has no backend, add dev.sam2j:sam2j-cpu, or dev.sam2j:sam2j-cuda for NVIDIA GPUs",
                message);
    }
}
