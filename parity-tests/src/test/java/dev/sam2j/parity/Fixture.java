package dev.sam2j.parity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sam2j.configs.Configs;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.MaskPng;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.tensor.Backend;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.safetensors.Safetensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A recorded run of the reference implementation: inputs, expected tensors, expected masks. */
final class Fixture implements AutoCloseable {
    private final Path folder;
    private final JsonNode description;
    private final CheckpointFile expected;

    private Fixture(Path folder) throws IOException {
        this.folder = folder;
        this.description =
                new ObjectMapper().readTree(folder.resolve("case.json").toFile());
        this.expected = Safetensors.open(folder.resolve("expected.safetensors"));
    }

    static Fixture open(Path folder) throws IOException {
        return new Fixture(folder);
    }

    /**
     * Skips a case that takes long, unless the build runs all of them or was asked for this one.
     *
     * @param property a system property, a regular expression for the names of cases that are asked for
     * @param quick the same for cases that every build runs
     */
    static void assumeWanted(Path folder, String property, String quick) {
        String wanted = System.getProperty(property, Boolean.getBoolean("sam2j.full") ? ".*" : quick);
        String name = folder.getFileName().toString();
        Assumptions.assumeTrue(name.matches(wanted), name + " takes long: -Pfull or -D" + property + "=" + name);
    }

    /** Whether the build runs only what takes little time, and was not asked for certain cases. */
    static boolean quick(String property) {
        return !Boolean.getBoolean("sam2j.full") && System.getProperty(property) == null;
    }

    /** Folder of the test resources. */
    static Path resources() {
        try {
            return Path.of(Fixture.class.getResource("/fixtures").toURI()).getParent();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Folders under {@code group} whose names start with {@code prefix}, sorted. */
    static List<Path> folders(String group, String prefix) throws IOException {
        try (Stream<Path> entries = Files.list(resources().resolve(group))) {
            return entries.filter(Files::isDirectory)
                    .filter(path -> path.getFileName().toString().startsWith(prefix))
                    .sorted()
                    .toList();
        }
    }

    Path folder() {
        return folder;
    }

    JsonNode description() {
        return description;
    }

    /** Name of the model's configuration. */
    String model() {
        return description.get("model").asText();
    }

    /** Whether the model is one at 1024 with random weights, not the small demo model. */
    boolean atFullSize() {
        return description.has("weights");
    }

    /** Whether a tensor is part of the case. */
    boolean has(String key) {
        return description.get("tensors").has(key);
    }

    /** The recorded values of a tensor: all of them, or a sample. */
    float[] expected(String key) {
        float[] values = new float[Math.toIntExact(expected.shape(key).elements())];
        expected.read(key, values, 0);
        return values;
    }

    /** What the recording would hold of a whole tensor in row-major order. */
    float[] recorded(String key, float[] whole) {
        JsonNode entry = description.get("tensors").get(key);
        if (!entry.get("sampled").asBoolean()) {
            return whole;
        }
        int count = description.get("sample").asInt();
        float[] sample = new float[count];
        for (int i = 0; i < count; i++) {
            sample[i] = whole[(int) ((long) i * whole.length / count)];
        }
        return sample;
    }

    /** The case's model: with the listed weights and as the YAML says, or the demo model as the builders make it. */
    LoadedModel load(Backend backend) throws IOException {
        if (!atFullSize()) {
            return LoadedModel.load(model(), backend);
        }
        Float bias = description.has("objectScoreBias")
                ? (float) description.get("objectScoreBias").asDouble()
                : null;
        Path list = folder.resolveSibling(description.get("weights").asText());
        return LoadedModel.of(model(), Configs.named(model()), DeterministicWeights.of(list, bias), backend);
    }

    /** A mask of the case. */
    Mask mask(String file) {
        return MaskPng.read(folder.resolve(file));
    }

    /** Compares a whole tensor with what is recorded of it. */
    void check(String key, float[] actual, double relativeBound, double maxBound) {
        TestDevice.require(
                Difference.between(recorded(key, actual), expected(key)),
                folder.getFileName() + ": " + key,
                relativeBound,
                maxBound);
    }

    @Override
    public void close() {
        expected.close();
    }
}
