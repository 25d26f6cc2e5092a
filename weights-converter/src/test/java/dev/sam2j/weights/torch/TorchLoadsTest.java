package dev.sam2j.weights.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sam2j.tensor.DType;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.safetensors.Safetensors;
import dev.sam2j.weights.safetensors.Safetensors.Entry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written here, loaded by torch itself. Runs where the Python of SAM2J_PYTHON, or python3, has torch. */
class TorchLoadsTest {
    private static final Path DEMO =
            Path.of("..", "predictors", "src", "main", "resources", "dev", "sam2j", "predictors", "model");

    @TempDir
    Path folder;

    private static String run(String... arguments) throws IOException, InterruptedException {
        String python = System.getenv().getOrDefault("SAM2J_PYTHON", "python3");
        List<String> command =
                Stream.concat(Stream.of(python), Stream.of(arguments)).toList();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String told = new String(process.getInputStream().readAllBytes());
        return process.waitFor() == 0 ? told.strip() : "failed: " + told;
    }

    private static String whyNoTorch() throws InterruptedException {
        String needed = "no Python with torch, name one in SAM2J_PYTHON: ";
        try {
            String told = run("-c", "import torch");
            return told.isEmpty()
                    ? ""
                    : needed + told.lines().reduce((first, last) -> last).get();
        } catch (IOException e) {
            return needed + e.getMessage();
        }
    }

    @Test
    void namesShapesTypesAndValues() throws IOException, InterruptedException {
        String missing = whyNoTorch();
        assumeTrue(missing.isEmpty(), missing);
        Path original = DEMO.resolve("sam2.1_hiera_demo.pt");
        Path same = folder.resolve("same.pt");
        Path wide = folder.resolve("wide.pt");
        Map<String, Entry> widened = new LinkedHashMap<>();
        try (CheckpointFile demo = TorchCheckpoint.open(original)) {
            TorchWriter.write(same, demo);
            for (String name : demo.names()) {
                widened.put(name, new Entry(demo.shape(name), DType.F32, demo.read(name)));
            }
        }
        TorchWriter.write(wide, Safetensors.source("widened", widened));
        String script = TorchFiles.resource("compare_torch_files.py", folder).toString();
        assertEquals(
                widened.size() + " equal tensors", run(script, original.toString(), same.toString(), wide.toString()));
    }
}
