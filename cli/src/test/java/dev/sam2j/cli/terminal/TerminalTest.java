package dev.sam2j.cli.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.cli.Cli;
import dev.sam2j.cli.Main;
import dev.sam2j.weights.safetensors.Safetensors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What leaves the command: nothing that a terminal would obey, and nothing that is lost in silence. */
class TerminalTest {
    private static final String ESCAPE = "\u001b[31m";
    private static final String BIDI = "\u202e";

    @TempDir
    private Path folder;

    /** Fails as a full disk or a closed pipe does, after some bytes. */
    private static final class Failing extends OutputStream {
        private final String reason;
        private int left;

        Failing(String reason, int left) {
            this.reason = reason;
            this.left = left;
        }

        @Override
        public void write(int b) throws IOException {
            if (left-- <= 0) {
                throw new IOException(reason);
            }
        }
    }

    private static String written(Charset encoding, String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Terminal terminal = Terminal.of(bytes, encoding);
        terminal.print(text);
        terminal.flush();
        return bytes.toString(encoding);
    }

    @Test
    void linesStayAndControlsAreShown() {
        assertEquals("a\nb\r\nc\\u000d\\u0009\\u001b[2J", written(StandardCharsets.UTF_8, "a\nb\r\nc\r\t\u001b[2J"));
        assertEquals("\\u202etxt.\\ud83d", written(StandardCharsets.UTF_8, BIDI + "txt.\ud83d"));
    }

    @Test
    void whatTheEncodingLacksIsShown() {
        assertEquals("b\u00e4r \ud83d\ude00", written(StandardCharsets.UTF_8, "b\u00e4r \ud83d\ude00"));
        assertEquals("b\u00e4r \\ud83d\\ude00", written(StandardCharsets.ISO_8859_1, "b\u00e4r \ud83d\ude00"));
        assertEquals("b\\u00e4r", written(StandardCharsets.US_ASCII, "b\u00e4r"));
    }

    @Test
    void aLineIsOneLine() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Terminal.of(bytes, StandardCharsets.UTF_8).line("a\nb");
        assertEquals("a\\u000ab" + System.lineSeparator(), bytes.toString(StandardCharsets.UTF_8));
    }

    private static void assertHarmless(Cli.Outcome outcome) {
        String text = (outcome.out() + outcome.err()).replace(System.lineSeparator(), "");
        assertTrue(text.chars().noneMatch(c -> c < ' ' || c == 0x7f || c == 0x202e), text);
    }

    /** Expects the escape character, in a form that a terminal does not obey. */
    private static void assertEscaped(Cli.Outcome outcome) {
        assertHarmless(outcome);
        String text = (outcome.out() + outcome.err()).toLowerCase(Locale.ROOT);
        assertTrue(text.contains("\\u001b"), text);
    }

    @Test
    void namesOfFilesAndArgumentsAreHarmless() {
        String hostile = ESCAPE + "\r\n" + "sam2j: fine";
        assertEscaped(Cli.run("segment", hostile, "--point", "1,2", "-o", folder.resolve("o")));
        assertEscaped(Cli.run("inspect", hostile));
        assertEscaped(Cli.run(hostile));
        assertEscaped(Cli.run("inspect", "x", "--" + hostile));
        assertEscaped(Cli.run("doctor", "--json=" + ESCAPE));
        assertEscaped(Cli.run("segment", Cli.SHAPES, "--point", ESCAPE, "-o", folder.resolve("o")));
    }

    @Test
    void contentsOfFilesAreHarmless() throws IOException {
        Path weights = folder.resolve("w.safetensors");
        Safetensors.write(
                weights,
                Map.of("weight", Safetensors.Entry.of(new float[1], 1)),
                Map.of("key" + ESCAPE, "value" + ESCAPE + BIDI));
        assertEscaped(Cli.run("inspect", weights).done());
        Cli.Outcome json = Cli.run("inspect", weights, "--json").done();
        assertTrue(json.out().contains("value\\u001B[31m\\u202E"), json.out());
        Path boxes = Files.writeString(folder.resolve("b.json"), "[" + ESCAPE + "]");
        assertHarmless(Cli.run("segment", Cli.SHAPES, "--boxes", boxes, "-o", folder.resolve("o")));
        Files.writeString(boxes, "{\"a\\u001b[31m\\u202e\": \"\\u001b[31m\"}");
        assertHarmless(Cli.run("segment", Cli.SHAPES, "--boxes", boxes, "-o", folder.resolve("o")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "--version", "doctor", "doctor --json", "inspect FILE --json", "inspect --help"})
    void outputThatCannotBeWrittenIsAFailure(String command) {
        String[] args = command.replace("FILE", Cli.DEMO_CHECKPOINT.toString()).split(" ");
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(
                Terminal.of(new Failing("No space left on device", 20), StandardCharsets.UTF_8),
                Terminal.of(err, StandardCharsets.UTF_8),
                args);
        assertEquals(1, code);
        assertEquals(
                "sam2j: the output could not be written to stdout: No space left on device",
                err.toString(StandardCharsets.UTF_8).strip());
    }

    @ParameterizedTest
    @CsvSource({"Broken pipe", "Relais brisé (pipe)", "The pipe is being closed"})
    void aClosedPipeEndsInSilence(String reason) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(
                Terminal.of(new Failing(reason, 20), StandardCharsets.UTF_8),
                Terminal.of(err, StandardCharsets.UTF_8),
                "doctor");
        assertEquals(141, code);
        assertEquals("", err.toString(StandardCharsets.UTF_8));
    }
}
