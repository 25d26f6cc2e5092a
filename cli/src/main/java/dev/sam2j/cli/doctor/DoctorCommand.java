package dev.sam2j.cli.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import dev.sam2j.BackendException;
import dev.sam2j.Precision;
import dev.sam2j.cli.files.Json;
import dev.sam2j.cli.options.CacheOptions;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.cli.terminal.ConsoleCommand;
import dev.sam2j.cli.terminal.Failures;
import dev.sam2j.cli.terminal.Version;
import dev.sam2j.cuda.driver.CudaDeviceInfo;
import dev.sam2j.cuda.driver.CudaDevices;
import dev.sam2j.cuda.library.CudaLibraries;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.provider.BackendOptions;
import dev.sam2j.tensor.provider.BackendProvider;
import dev.sam2j.tensor.provider.Backends;
import dev.sam2j.weights.CheckpointCache;
import dev.sam2j.weights.NamedCheckpoint;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sam2j doctor}: what this machine can do, and what is missing. */
@Command(
        name = "doctor",
        sortOptions = false,
        description =
                "Tell what this machine can do: Java, vector instructions, memory, devices, CUDA, downloaded checkpoints.")
public final class DoctorCommand extends ConsoleCommand {
    private static final String VECTOR_MODULE = "jdk.incubator.vector";

    @Mixin
    private CacheOptions cacheOptions;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        ObjectNode report = report();
        Console console = console();
        if (json) {
            console.printJson(Json.text(report));
        } else {
            print(console, report);
        }
        return 0;
    }

    private ObjectNode report() {
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.put("sam2j", Version.version());
        report.put("java", System.getProperty("java.runtime.version") + ", " + System.getProperty("java.vm.name"));
        report.put("java_home", System.getProperty("java.home"));
        report.put(
                "system",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        report.put("processors", Runtime.getRuntime().availableProcessors());
        report.put("heap_mb", Runtime.getRuntime().maxMemory() >> 20);
        report.put("memory_mb", machineMemory() >> 20);
        report.put("vector_module", ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent());
        ArrayNode devices = report.putArray("devices");
        for (BackendProvider provider : Backends.providers()) {
            describe(provider, devices.addObject());
        }
        String reason = cpuBf16Reason();
        ObjectNode bf16 = report.putObject("cpu_bf16").put("available", reason == null);
        if (reason != null) {
            bf16.put("reason", reason);
        }
        CudaSection.fill(report.putObject("cuda"), CudaLibraries.find(), DoctorCommand::cudaDevices);
        CheckpointCache cache = cacheOptions.cache();
        report.put("cache", cache.folder().toString());
        ArrayNode checkpoints = report.putArray("checkpoints");
        Stream.of(NamedCheckpoint.values())
                .filter(cache::contains)
                .forEach(checkpoint -> checkpoints.add(checkpoint.modelName()));
        return report;
    }

    private static void describe(BackendProvider provider, ObjectNode device) {
        device.put("kind", provider.kind());
        String reason = provider.unavailableReason();
        device.put("available", reason == null);
        if (reason != null) {
            device.put("reason", reason);
            return;
        }
        try (Backend backend = provider.open(0, BackendOptions.DEFAULT)) {
            device.put("description", backend.info().description());
            device.put("precision", backend.info().precision().name().toLowerCase(Locale.ROOT));
        } catch (BackendException e) {
            device.put("available", false).put("reason", Failures.sentence(e));
        }
    }

    /** Why the CPU cannot compute in bfloat16, or null if it can. */
    private static String cpuBf16Reason() {
        try (Backend backend = Backends.open("cpu", new BackendOptions(1, Precision.BF16))) {
            return null;
        } catch (BackendException e) {
            return Failures.sentence(e);
        }
    }

    /** What the provider of CUDA knows of its devices; nothing in a build without it. */
    private static List<CudaDeviceInfo> cudaDevices() {
        return Backends.providers().stream()
                .filter(CudaDevices.class::isInstance)
                .flatMap(provider -> ((CudaDevices) provider).devices().stream())
                .toList();
    }

    private static long machineMemory() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : 0;
    }

    private static void print(Console console, ObjectNode report) {
        console.print("sam2j        " + report.path("sam2j").asText());
        console.print("java         " + report.path("java").asText());
        console.print("             " + report.path("java_home").asText());
        console.print("system       " + report.path("system").asText() + ", "
                + report.path("processors").asInt() + " processors");
        console.print("memory       Java heap up to " + report.path("heap_mb").asLong() + " MB of "
                + report.path("memory_mb").asLong() + " MB (SAM2J_JAVA_OPTS=-Xmx8g raises it)");
        console.print("vectors      "
                + (report.path("vector_module").asBoolean()
                        ? VECTOR_MODULE + " is there"
                        : VECTOR_MODULE + " is missing: start Java with --add-modules " + VECTOR_MODULE));
        report.path("devices").forEach(device -> {
            String kind = device.path("kind").asText();
            console.print("device " + kind + " ".repeat(Math.max(1, 6 - kind.length()))
                    + (device.path("available").asBoolean()
                            ? device.path("description").asText() + ", "
                                    + device.path("precision").asText()
                            : "not available: " + device.path("reason").asText()));
        });
        JsonNode bf16 = report.path("cpu_bf16");
        console.print("             "
                + (bf16.path("available").asBoolean()
                        ? "--precision bf16 is available on the CPU"
                        : bf16.path("reason").asText()));
        String title = "cuda         ";
        for (String line : CudaSection.lines(report.path("cuda"))) {
            console.print(title + line);
            title = " ".repeat(title.length());
        }
        console.print("cache        " + report.path("cache").asText());
        if (report.path("checkpoints").isEmpty()) {
            console.print("             no checkpoints (the demo model needs none; sam2j download tiny fetches one)");
        }
        report.path("checkpoints").forEach(name -> console.print("             " + name.asText()));
    }
}
