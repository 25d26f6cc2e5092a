package dev.sam2j.cli.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.BackendException;
import dev.sam2j.cli.Cli;
import dev.sam2j.cuda.driver.CudaDeviceInfo;
import dev.sam2j.cuda.library.CudaInstallation;
import dev.sam2j.cuda.library.CudaLibraries;
import dev.sam2j.cuda.library.CudaLibrary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What {@code sam2j doctor} says of CUDA, on machines described here. */
class CudaSectionTest {
    private static final CudaLibrary DRIVER = new CudaLibrary("driver", Path.of("/lib/libcuda.so.1"), "580.159.04");
    private static final CudaLibrary CUBLAS_13 = new CudaLibrary("cuBLAS", Path.of("/n/libcublas.so.13"), "13.1.1.3");
    private static final CudaLibrary LT_13 = new CudaLibrary("cuBLASLt", Path.of("/n/libcublasLt.so.13"), "13.1.1.3");
    private static final CudaDeviceInfo H200 = new CudaDeviceInfo("NVIDIA H200", "9.0", 143_771L << 20, 143_000L << 20);

    @Test
    void tellsLibrariesAndDevices() {
        ObjectNode cuda = filled(usable(), () -> List.of(H200, H200));
        assertTrue(cuda.get("available").asBoolean());
        assertFalse(cuda.has("reason"));
        assertEquals("cuda:1", cuda.get("devices").get(1).get("device").asText());
        assertEquals(143_771, cuda.get("devices").get(0).get("total_mb").asLong());
        assertEquals(
                List.of(
                        "driver 580.159.04, /lib/libcuda.so.1",
                        "cuBLAS 13.1.1.3 by way of JCuda for CUDA 12, /n/libcublas.so.13",
                        "cuBLASLt 13.1.1.3, /n/libcublasLt.so.13",
                        "cuda:0 NVIDIA H200, compute capability 9.0, 143771 MB, 143000 MB free",
                        "cuda:1 NVIDIA H200, compute capability 9.0, 143771 MB, 143000 MB free"),
                CudaSection.lines(cuda));
    }

    @Test
    void tellsWhyNotAndWhatWasFoundNevertheless() {
        CudaInstallation found =
                new CudaInstallation(DRIVER, "580.159.04", 0, null, null, null, List.of("a"), "no cuBLAS of CUDA");
        ObjectNode cuda = filled(found, () -> {
            throw new AssertionError("devices are asked for only if CUDA can be used");
        });
        assertFalse(cuda.get("available").asBoolean());
        assertEquals(
                List.of("not available: no cuBLAS of CUDA", "driver 580.159.04, /lib/libcuda.so.1"),
                CudaSection.lines(cuda));
    }

    @Test
    void aFailureToListDevicesIsTheReason() {
        ObjectNode cuda = filled(usable(), () -> {
            throw new BackendException("cuInit: no device");
        });
        assertFalse(cuda.get("available").asBoolean());
        assertEquals("not available: cuInit: no device", CudaSection.lines(cuda).get(0));
    }

    @Test
    void doctorTellsThisMachines() throws IOException {
        String reason = CudaLibraries.unavailableReason();
        String text = Cli.run("doctor").done().out();
        JsonNode cuda = new ObjectMapper()
                .readTree(Cli.run("doctor", "--json").done().out())
                .get("cuda");
        assertTrue(text.lines().anyMatch(line -> line.startsWith("cuda         ")), text);
        if (reason != null) {
            assertTrue(text.contains("cuda         not available: " + reason), text);
            assertEquals(reason, cuda.get("reason").asText());
        }
    }

    private static CudaInstallation usable() {
        return new CudaInstallation(DRIVER, "580.159.04", 13, CUBLAS_13, LT_13, null, List.of(), null);
    }

    private static ObjectNode filled(CudaInstallation found, Supplier<List<CudaDeviceInfo>> devices) {
        ObjectNode cuda = JsonNodeFactory.instance.objectNode();
        CudaSection.fill(cuda, found, devices);
        return cuda;
    }
}
