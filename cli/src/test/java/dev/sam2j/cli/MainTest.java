package dev.sam2j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class MainTest {

    @Test
    void versionIsThePomsAndGoesToStdout() {
        Cli.Outcome outcome = Cli.run("--version").done();
        assertTrue(outcome.out().matches("(?s)sam2j \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\\R.*"), outcome.out());
        assertEquals("", outcome.err());
    }

    /** Digits in names of files must not follow it, which a build in another locale shows only if this holds. */
    @Test
    void testsRunInTheLocaleOfTheBuild() {
        assertEquals(System.getProperty("user.language"), Locale.getDefault().getLanguage());
    }

    @Test
    void helpGoesToStdout() {
        Cli.Outcome outcome = Cli.run("--help").done();
        assertTrue(outcome.out().startsWith("Usage: sam2j"), outcome.out());
    }

    @Test
    void noCommandIsWrongUsage() {
        Cli.run().failed(2, "sam2j: name a command: segment, ");
    }

    @Test
    void unknownOptionIsWrongUsage() {
        Cli.run("--no-such-option").failed(2, "--no-such-option");
    }
}
