package dev.sam2j.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class CudaBackendProviderTest {
    /** Asks whether CUDA can be used; run in a process of its own. */
    public static void main(String[] arguments) {
        System.out.println("reason: " + new CudaBackendProvider().unavailableReason());
    }

    @Test
    void askingLoadsNothingOfJCuda() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xlog:class+load",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CudaBackendProviderTest.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertTrue(output.contains("reason: "), output);
        List<String> loaded =
                output.lines().filter(line -> line.contains("jcuda")).toList();
        assertEquals(List.of(), loaded);
    }
}
