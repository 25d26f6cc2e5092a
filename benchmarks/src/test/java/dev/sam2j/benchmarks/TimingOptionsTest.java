package dev.sam2j.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.tensor.Backend;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimingOptionsTest {
    private static TimingOptions of(String... arguments) {
        return new TimingOptions("Program", Map.of("--objects", "1"), arguments);
    }

    @Test
    void readsValuesAndDefaults() {
        TimingOptions options = of("--model", "t,l", "--objects", "1,16", "--runs", "3");
        assertEquals(List.of("t", "l"), options.list("--model"));
        assertEquals(List.of(1, 16), options.numbers("--objects", 1));
        assertEquals(3, options.number("--runs", 1));
        assertEquals("cpu", options.text("--device"));
        assertEquals(1024, TimingOptions.config("b+").imageSize());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--objects 0", "--objects 1,x", "--runs -1", "--nothing 1", "--model", "--runs 9999999"})
    void refusesOthers(String line) {
        String message = assertThrows(IllegalArgumentException.class, () -> {
                    TimingOptions options = of(line.split(" "));
                    options.numbers("--objects", 1);
                    options.number("--runs", 1);
                })
                .getMessage();
        assertTrue(message.startsWith("Program: "), message);
    }

    @Test
    void opensTheDevice() {
        try (Backend backend = of("--precision", "fp32", "--threads", "1").open()) {
            assertEquals("cpu", backend.info().name());
        }
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> of("--precision", "int8").open())
                .getMessage();
        assertEquals("Program: --precision: expected auto, fp32, fp16 or bf16, got int8", message);
    }
}
