package dev.sam2j.cli.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.BackendException;
import dev.sam2j.cli.terminal.Failures;
import dev.sam2j.cuda.driver.CudaDeviceInfo;
import dev.sam2j.cuda.library.CudaInstallation;
import dev.sam2j.cuda.library.CudaLibrary;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The part of {@code sam2j doctor} that tells what of CUDA was found, and why it cannot be used where it cannot. */
final class CudaSection {
    private CudaSection() {}

    /**
     * Fills in what was found.
     *
     * @param devices lists the devices; asked only if CUDA can be used
     */
    static void fill(ObjectNode cuda, CudaInstallation found, Supplier<List<CudaDeviceInfo>> devices) {
        cuda.put("available", found.unavailableReason() == null);
        if (found.unavailableReason() != null) {
            cuda.put("reason", found.unavailableReason());
        }
        if (!found.driverVersion().isEmpty()) {
            cuda.put("driver_version", found.driverVersion());
        }
        if (found.major() != 0) {
            cuda.put("cuda_version", found.major());
        }
        ArrayNode libraries = cuda.putArray("libraries");
        for (CudaLibrary library : found.libraries()) {
            libraries
                    .addObject()
                    .put("name", library.name())
                    .put("version", library.version())
                    .put("path", library.path().toString());
        }
        ArrayNode list = cuda.putArray("devices");
        if (found.unavailableReason() == null) {
            try {
                for (CudaDeviceInfo device : devices.get()) {
                    list.addObject()
                            .put("device", "cuda:" + (list.size() - 1))
                            .put("name", device.name())
                            .put("compute_capability", device.computeCapability())
                            .put("total_mb", device.totalBytes() >> 20)
                            .put("free_mb", device.freeBytes() >> 20);
                }
            } catch (BackendException e) {
                cuda.put("available", false).put("reason", Failures.sentence(e));
            }
        }
    }

    /** The lines for people. */
    static List<String> lines(JsonNode cuda) {
        List<String> lines = new ArrayList<>();
        if (!cuda.path("available").asBoolean()) {
            lines.add("not available: " + cuda.path("reason").asText());
        }
        cuda.path("libraries").forEach(library -> {
            String name = library.path("name").asText();
            lines.add(name + " " + library.path("version").asText()
                    + (name.equals("cuBLAS") && cuda.path("cuda_version").asInt() > 12
                            ? " by way of JCuda for CUDA 12"
                            : "")
                    + ", " + library.path("path").asText());
        });
        cuda.path("devices")
                .forEach(device -> lines.add(device.path("device").asText() + " "
                        + device.path("name").asText() + ", compute capability "
                        + device.path("compute_capability").asText() + ", "
                        + device.path("total_mb").asLong() + " MB, "
                        + device.path("free_mb").asLong() + " MB free"));
        return lines;
    }
}
