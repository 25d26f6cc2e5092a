package dev.sam2j.weights;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Files that appear under their name only when they are whole. */
final class AtomicFile {
    private AtomicFile() {}

    /** Fills a file. */
    interface Content {
        void writeTo(FileChannel channel) throws IOException;
    }

    /**
     * Writes under a temporary name in the same folder, then moves.
     *
     * @throws CheckpointException if that fails; nothing is left behind then
     */
    static void write(Path path, Content content) {
        Path temporary = path.resolveSibling("." + path.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                content.writeTo(channel);
                channel.force(true);
            }
            move(temporary, path);
        } catch (IOException e) {
            delete(temporary, e);
            throw new CheckpointException(path, "the file cannot be written (" + describe(e) + ")", e);
        } catch (RuntimeException | Error e) {
            delete(temporary, e);
            throw e;
        }
    }

    /** Replaces {@code target}, in one step where the file system can. */
    static void move(Path source, Path target) throws IOException {
        if (Files.isDirectory(target)) {
            throw new IOException("it is a folder");
        }
        try {
            Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(source, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** The reason in words; the messages of file system exceptions are often nothing but the file's name. */
    static String describe(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "its folder does not exist";
        }
        if (e instanceof FileAlreadyExistsException) {
            return e.getMessage() + " is not a folder";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static void delete(Path temporary, Throwable reason) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }
}
