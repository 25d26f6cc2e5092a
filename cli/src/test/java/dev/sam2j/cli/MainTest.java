package dev.sam2j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        CommandLine commandLine = Main.commandLine();
        commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return commandLine.execute(args);
    }

    @Test
    void versionIsThePomsAndGoesToStdout() {
        assertEquals(0, run("--version"));
        assertTrue(out.toString().matches("(?s)sam2j \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\\R.*"), out.toString());
        assertEquals("", err.toString());
    }

    @Test
    void helpGoesToStdout() {
        assertEquals(0, run("--help"));
        assertTrue(out.toString().startsWith("Usage: sam2j"), out.toString());
    }

    @Test
    void noCommandIsWrongUsage() {
        assertEquals(2, run());
        assertTrue(err.toString().startsWith("sam2j: name a command: segment, "), err.toString());
        assertEquals("", out.toString());
    }

    @Test
    void unknownOptionIsWrongUsage() {
        assertEquals(2, run("--no-such-option"));
        assertTrue(err.toString().contains("--no-such-option"), err.toString());
    }
}
