package dev.sam2j.cli.files;

import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.cli.terminal.Failures;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that the user names, or standard input for {@code -}, which is kept because it can be read only once. */
public final class InputFile {
    /** Most bytes of a file that is held in memory. */
    static final int MAX_HELD = 64 << 20;

    private static final Path STDIN = Path.of("-");

    private final Path path;
    private byte[] held;

    private InputFile(Path path) {
        this.path = path;
    }

    /** The file of that name. */
    public static InputFile of(Path path) {
        return new InputFile(path);
    }

    /** Whether a name stands for standard input. */
    public static boolean isStdin(Path path) {
        return path.equals(STDIN);
    }

    /** Where names in the file count from. */
    public Path folder() {
        Path parent = isStdin(path) ? null : path.toAbsolutePath().getParent();
        return parent == null ? Path.of("").toAbsolutePath() : parent;
    }

    /** The file from its beginning; may be called again. */
    public InputStream open() throws IOException {
        if (isStdin(path)) {
            if (held == null) {
                held = held(System.in);
            }
            return new ByteArrayInputStream(held);
        }
        if (Files.isDirectory(path)) {
            throw new IOException("it is a folder");
        }
        return Files.newInputStream(path);
    }

    /**
     * All bytes of a file that is not large.
     *
     * @throws CliException if it cannot be read or has more than {@value #MAX_HELD} bytes
     */
    public byte[] bytes() {
        try (InputStream in = open()) {
            return held(in);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private byte[] held(InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(MAX_HELD + 1);
        if (bytes.length > MAX_HELD) {
            throw failure("it is longer than the limit of " + (MAX_HELD >> 20) + " MB");
        }
        return bytes;
    }

    /** What is wrong with the file, in one sentence. */
    public CliException failure(String problem) {
        return CliException.failure(this + ": " + problem);
    }

    /** Why the file cannot be read, in one sentence. */
    public CliException unreadable(IOException e) {
        String reason = Failures.sentence(e);
        boolean named = reason.startsWith(path + " ") || reason.startsWith(path + ":");
        return CliException.failure(named ? reason : this + " cannot be read: " + reason, e);
    }

    /** The name for people. */
    @Override
    public String toString() {
        return isStdin(path) ? "standard input" : path.toString();
    }
}
