package dev.sam2j.cli.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.cli.Cli;
import dev.sam2j.cli.Main;
import dev.sam2j.cli.options.DownloadProgress;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.concurrent.CompletionException;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Messages, log lines, progress and failures. */
class MessagesTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Terminal terminal = Terminal.of(err, StandardCharsets.UTF_8);
    private long now;

    private Console console(boolean quiet, boolean terminal) {
        return new Console(this.terminal, this.terminal, quiet, terminal);
    }

    private ProgressLine line(boolean terminal) {
        return new ProgressLine(console(false, terminal), "frames", Long::toString, () -> now);
    }

    @Test
    void progressOnATerminalIsOneLineWithRateAndRest() {
        ProgressLine line = line(true);
        line.update(0, 100);
        now = 10_000_000;
        line.update(1, 100); // too soon to draw again
        now = 2_000_000_000;
        line.update(50, 100);
        line.end();
        String[] drawn = err.toString().split("\r\033\\[K", -1);
        assertEquals(4, drawn.length, err.toString());
        assertEquals("sam2j: frames [                        ] 0 % of 100", drawn[1]);
        assertEquals("sam2j: frames [############            ] 50 % of 100, 25/s, 0:02 left", drawn[2]);
        assertEquals("", drawn[3]);
    }

    @Test
    void progressElsewhereIsALineForEveryTenth() {
        ProgressLine line = line(false);
        for (int i = 0; i <= 200; i++) {
            line.update(i, 200);
        }
        line.end();
        assertEquals(10, err.toString().lines().count(), err.toString());
        assertTrue(err.toString().startsWith("sam2j: frames: 10 % of 200"), err.toString());
    }

    @Test
    void downloadsTellTheirSizeAndTheirTroubles() {
        DownloadProgress progress = new DownloadProgress(console(false, false), "tiny.pt");
        progress.progress(0, 200 << 20);
        progress.progress(100 << 20, 200 << 20);
        progress.retrying("connection reset");
        progress.verifying();
        assertEquals(
                "sam2j: downloading tiny.pt, 200.0 MB|sam2j: downloading tiny.pt: 50 % of 200.0 MB|"
                        + "sam2j: the transfer was interrupted (connection reset), trying again|"
                        + "sam2j: checking the SHA-256 of tiny.pt|",
                err.toString().replace(System.lineSeparator(), "|"));
    }

    @Test
    void quietMeansQuiet() {
        Console console = console(true, true);
        console.say("x");
        console.redraw("y");
        assertEquals("", err.toString());
    }

    @Test
    void logLinesAreShortAndOthersAreKeptOut() {
        Logger ours = Logger.getLogger("dev.sam2j.anything");
        Logger foreign = Logger.getLogger("org.example");
        int handlers = Logger.getLogger("").getHandlers().length;
        try (LogLines lines = LogLines.install(terminal, false, false)) {
            ours.log(java.util.logging.Level.INFO, "using {0}", "CPU");
            ours.fine("detail");
            foreign.info("chatter");
            foreign.warning("trouble");
        }
        assertEquals(handlers, Logger.getLogger("").getHandlers().length);
        assertEquals("sam2j: using CPU|sam2j: trouble|", err.toString().replace(System.lineSeparator(), "|"));
    }

    @Test
    void sentences() {
        assertEquals("a.png does not exist", Failures.sentence(new NoSuchFileException("a.png")));
        assertEquals(
                "a.png: permission denied",
                Failures.sentence(new UncheckedIOException(new AccessDeniedException("a.png"))));
        assertEquals("disk full", Failures.sentence(new IOException("disk full\nmore")));
        assertTrue(Failures.sentence(new OutOfMemoryError("Java heap space")).contains("-Xmx"));
        assertFalse(Failures.sentence(new OutOfMemoryError("unable to create native thread: possibly out of memory"))
                .contains("-Xmx"));
        assertEquals("a: the folder is not empty", Failures.sentence(new DirectoryNotEmptyException("a")));
        assertEquals("a: it is not a folder", Failures.sentence(new NotDirectoryException("a")));
        assertEquals(
                "a: Too many open files", Failures.sentence(new FileSystemException("a", null, "Too many open files")));
        assertEquals("it ends early", Failures.sentence(new EOFException()));
        assertEquals("its text is not UTF-8", Failures.sentence(new MalformedInputException(1)));
        assertEquals("it has been closed", Failures.sentence(new ClosedChannelException()));
        assertEquals(
                "there is no host 'nowhere', or no network", Failures.sentence(new UnknownHostException("nowhere")));
        assertEquals(
                "a does not exist",
                Failures.sentence(new CompletionException(new UncheckedIOException(new NoSuchFileException("a")))));
        assertTrue(Failures.sentence(new IllegalStateException("x")).contains("--debug"));
    }

    @Test
    void misspeltOptionsAndCommandsAreTold() {
        Cli.run("segment", "a.png", "--pont", "1,2")
                .failed(2, "there is no option '--pont'", "did you mean", "--point");
        Cli.run("inspect", "--tensor").failed(2, "there is no option '--tensor'", "--tensors");
        Cli.run("segmnet").failed(2, "'segmnet'", "did you mean segment");
        Cli.run("inspect", "a.pt", "b.pt").failed(2, "'b.pt'");
    }

    @Test
    void argumentsThatAreNoFilesAreTold() {
        Cli.run("inspect", "").failed(2, "empty argument");
        Cli.run("inspect", "http://127.0.0.1/a.pt").failed(2, "http://127.0.0.1/a.pt is an address", "download");
        Cli.run("inspect", "a\nb").failed(1, "a\\u000ab");
    }

    @Test
    void errorsBecomeSentencesToo() {
        CommandLine commandLine = Main.commandLine(terminal, terminal);
        commandLine.setExecutionStrategy(Failures.guarded(parsed -> {
            throw new OutOfMemoryError("Java heap space");
        }));
        assertEquals(1, commandLine.execute("doctor"));
        assertTrue(err.toString().startsWith("sam2j: out of memory: "), err.toString());
        assertEquals(1, err.toString().lines().count());
    }
}
