package dev.sam2j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sam2j.cli.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Runs commands in this process and looks at what they left. */
public final class Cli {
    static final Path SAMPLES = Path.of("..", "samples");
    public static final Path SHAPES = SAMPLES.resolve("shapes.png");
    public static final Path DEMO_CHECKPOINT = Path.of(
            "..",
            "predictors",
            "src",
            "main",
            "resources",
            "dev",
            "sam2j",
            "predictors",
            "model",
            "sam2.1_hiera_demo.pt");
    public static final Path DEMO_YAML =
            Path.of("..", "configs", "src", "main", "resources", "dev", "sam2j", "configs", "sam2.1_hiera_demo.yaml");

    private Cli() {}

    /** What a command did. */
    public record Outcome(int code, String out, String err) {
        /** Expects success. */
        public Outcome done() {
            assertEquals(0, code, err);
            return this;
        }

        /** Expects a failure told in one sentence that contains all of {@code words}, without a stack trace. */
        public Outcome failed(int expected, String... words) {
            assertEquals(expected, code, err);
            List<String> lines = err.lines().toList();
            List<String> told = lines.stream()
                    .filter(line -> !line.contains("the demo model was trained") && !line.contains("using CPU"))
                    .toList();
            assertEquals(1, told.size(), "one sentence expected, got: " + err);
            assertTrue(told.get(0).startsWith("sam2j: "), err);
            for (String word : words) {
                assertTrue(told.get(0).contains(word), "expected '" + word + "' in: " + err);
            }
            assertTrue(!told.get(0).contains("unexpected failure"), err);
            assertEquals("", out);
            return this;
        }
    }

    public static Outcome run(Object... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String[] words = Stream.of(args).map(Object::toString).toArray(String[]::new);
        int code = Main.run(Terminal.of(out, UTF_8), Terminal.of(err, UTF_8), words);
        return new Outcome(code, out.toString(UTF_8), err.toString(UTF_8));
    }

    /** Names in a folder, hidden ones too. */
    public static TreeSet<String> names(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            TreeSet<String> names = new TreeSet<>();
            files.forEach(file -> names.add(file.getFileName().toString()));
            return names;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }
}
