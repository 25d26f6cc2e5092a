package dev.sam2j.common.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
    @TempDir
    Path folder;

    private List<String> names() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void writesAndReplaces() throws IOException {
        Path file = folder.resolve("a.json");
        AtomicFiles.writeString(file, "one");
        AtomicFiles.writeString(file, "zwei ä");
        assertEquals("zwei ä", Files.readString(file));
        assertEquals(List.of("a.json"), names());
    }

    @Test
    void failureLeavesTheOldFileAndNothingElse() throws IOException {
        Path file = folder.resolve("a.bin");
        AtomicFiles.write(file, new byte[] {1});
        IOException e = assertThrows(
                IOException.class,
                () -> AtomicFiles.write(file, out -> {
                    out.write(new byte[100_000]);
                    throw new IOException("half way");
                }));
        assertEquals("half way", e.getMessage());
        assertThrows(
                IllegalStateException.class,
                () -> AtomicFiles.write(folder.resolve("b"), out -> {
                    throw new IllegalStateException();
                }));
        assertEquals(1, Files.size(file));
        assertEquals(List.of("a.bin"), names());
    }

    @Test
    void whatFailsItsCheckGetsNoName() throws IOException {
        Path file = folder.resolve("a.bin");
        AtomicFiles.write(file, new byte[] {1});
        IOException e = assertThrows(
                IOException.class,
                () -> AtomicFiles.write(file, out -> out.write(new byte[2]), written -> {
                    throw new IOException(Files.size(written) + " bytes");
                }));
        assertEquals("2 bytes", e.getMessage());
        assertEquals(1, Files.size(file));
        assertEquals(List.of("a.bin"), names());
    }

    @Test
    void foldersThatDoNotFit() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        assertMessage("there is no folder", () -> AtomicFiles.writeString(folder.resolve("no/a"), ""));
        assertMessage("there is no folder", () -> AtomicFiles.writeString(file.resolve("a"), ""));
        assertMessage("it is a folder", () -> AtomicFiles.writeString(folder, ""));
        assertMessage("there is a file of that name", () -> AtomicFiles.createFolder(file));
        assertMessage("cannot be made", () -> AtomicFiles.createFolder(file.resolve("a/b")));
        AtomicFiles.createFolder(folder.resolve("x/y"));
        AtomicFiles.createFolder(folder.resolve("x/y"));
        assertTrue(Files.isDirectory(folder.resolve("x/y")));
    }

    @Test
    void foldersWithoutPermission() throws IOException {
        assumeTrue(folder.getFileSystem().supportedFileAttributeViews().contains("posix"));
        Path locked = Files.createDirectory(folder.resolve("locked"));
        Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("r-xr-xr-x"));
        assumeFalse(Files.isWritable(locked), "this user may write anywhere");
        assertMessage("permission denied", () -> AtomicFiles.writeString(locked.resolve("a"), ""));
        assertMessage("is not writable", () -> AtomicFiles.createFolder(locked));
    }

    @Test
    void anInterruptedThreadWritesAndStaysInterrupted() throws IOException {
        Path file = folder.resolve("a");
        Thread.currentThread().interrupt();
        try {
            AtomicFiles.write(file, new byte[200_000]);
        } finally {
            assertTrue(Thread.interrupted());
        }
        assertEquals(200_000, Files.size(file));
        assertEquals(List.of("a"), names());
    }

    @Test
    void contentMayCloseWhatItWritesTo() throws IOException {
        AtomicFiles.write(folder.resolve("a"), out -> {
            try (out) {
                out.write(new byte[10]);
            }
        });
        assertEquals(10, Files.size(folder.resolve("a")));
    }

    @Test
    void namesMayBeAsLongAsTheSystemAllows() throws IOException {
        Path file = folder.resolve("x".repeat(255));
        AtomicFiles.writeString(file, "long");
        assertEquals("long", Files.readString(file));
    }

    @Test
    void devicesAreNotReplaced() {
        Path device = Path.of("/dev/null");
        assumeTrue(Files.exists(device));
        assertMessage("it is a device or pipe", () -> AtomicFiles.writeString(device, "x"));
    }

    /** What limits the size of files fails as a full disk does: while bytes are written. */
    @Test
    void aFailedWriteNamesTheFile() throws Exception {
        Path shell = Path.of("/bin/sh");
        assumeTrue(Files.exists(shell));
        Path file = folder.resolve("large.bin");
        Process process = new ProcessBuilder(
                        shell.toString(),
                        "-c",
                        "ulimit -f 500; exec \"$@\"",
                        "sh",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:-UsePerfData",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LargeFile.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertTrue(output.startsWith(file + " cannot be written: File too large"), output);
        assertEquals(List.of(), names());
    }

    /** Prints why a file of ten megabytes cannot be written. */
    static final class LargeFile {
        private LargeFile() {}

        public static void main(String[] args) {
            try {
                AtomicFiles.write(Path.of(args[0]), new byte[10 << 20]);
            } catch (IOException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    private interface Action {
        void run() throws IOException;
    }

    private static void assertMessage(String part, Action action) {
        String message = assertThrows(IOException.class, action::run).getMessage();
        assertTrue(message.contains(part), message);
        assertFalse(message.contains("\n"), message);
    }
}
