package dev.sam2j.common.io;

import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/**
 * Writes files that appear complete or not at all, and stay if the machine loses power: the content goes to a hidden
 * temporary name in the same folder, is forced to the disk, and moved to the final name, where it replaces what was
 * there. If anything fails the temporary file is deleted and an existing file stays as it was. A thread may be
 * interrupted meanwhile; it writes on and stays interrupted. Messages of the {@link IOException}s are one sentence that
 * names the file.
 */
public final class AtomicFiles {
    private static final int BUFFER = 1 << 16;

    /** What failures mean of which the message says nothing; the first that fits counts. */
    private static final List<Map.Entry<Class<?>, String>> REASONS = List.of(
            Map.entry(AccessDeniedException.class, "permission denied"),
            Map.entry(NoSuchFileException.class, "it does not exist"),
            Map.entry(FileAlreadyExistsException.class, "there is a file of that name"),
            Map.entry(DirectoryNotEmptyException.class, "the folder is not empty"),
            Map.entry(NotDirectoryException.class, "it is not a folder"),
            Map.entry(FileSystemLoopException.class, "its symbolic links lead in a circle"),
            Map.entry(CharacterCodingException.class, "its text is not UTF-8"),
            Map.entry(ClosedByInterruptException.class, "the thread was interrupted"),
            Map.entry(ClosedChannelException.class, "it has been closed"));

    private AtomicFiles() {}

    /** Produces the content of a file. */
    @FunctionalInterface
    public interface Content {
        /** Writes everything to {@code out}, which need not be closed. */
        void writeTo(OutputStream out) throws IOException;
    }

    /** Looks at a file before it gets its name. */
    @FunctionalInterface
    public interface Check {
        /** Reads {@code written}, the temporary name of the whole file; throws what {@code write} is to fail with. */
        void accept(Path written) throws IOException;
    }

    /**
     * Writes a file.
     *
     * @throws IOException if the folder is missing or not writable, the disk is full, or the content fails
     */
    public static void write(Path file, Content content) throws IOException {
        write(file, content, written -> {});
    }

    /**
     * Writes a file that is looked at before it gets its name.
     *
     * @throws IOException if the folder is missing or not writable, the disk is full, or the content or check fails
     */
    public static void write(Path file, Content content, Check check) throws IOException {
        try (HiddenName name = hidden(file)) {
            Path temporary = name.path(".tmp");
            try {
                try (OutputStream out = new BufferedOutputStream(new Naming(temporary, file), BUFFER)) {
                    content.writeTo(out);
                }
                check.accept(temporary);
                put(temporary, file);
            } catch (Throwable e) {
                deleteAfter(e, temporary);
                throw e;
            }
        }
    }

    /**
     * Writes a file for those whose callers expect no checked exceptions.
     *
     * @throws UncheckedIOException where {@link #write(Path, Content)} throws an {@link IOException}, with its sentence
     */
    public static void writeUnchecked(Path file, Content content) {
        try {
            write(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    /** Writes bytes as {@link #write(Path, Content)} does. */
    public static void write(Path file, byte[] bytes) throws IOException {
        write(file, out -> out.write(bytes));
    }

    /** Writes text in UTF-8 as {@link #write(Path, Content)} does. */
    public static void writeString(Path file, String text) throws IOException {
        write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Forces a file that is written and closed to the disk, and gives it its name, as {@link #move} does.
     *
     * @throws IOException if that fails; {@code written} is still there then
     */
    public static void put(Path written, Path file) throws IOException {
        try (RandomAccessFile opened = new RandomAccessFile(written.toFile(), "rw")) {
            opened.getFD().sync();
        } catch (IOException e) {
            throw failure(file, e);
        }
        move(written, file);
    }

    /**
     * Gives a file or folder another name, for good; a file replaces the file of that name.
     *
     * @throws IOException if that fails; {@code from} is still there then
     */
    public static void move(Path from, Path to) throws IOException {
        try {
            if (Files.isDirectory(to)) {
                throw new FileSystemException(to.toString(), null, "it is a folder");
            }
            try {
                Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw failure(to, e);
        }
        forceFolder(to.toAbsolutePath().getParent());
    }

    /**
     * Makes sure that a folder for results exists and files can be made in it.
     *
     * @throws IOException if it is not a folder, cannot be made, or is not writable
     */
    public static void createFolder(Path folder) throws IOException {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new IOException("folder " + folder + " cannot be made: " + reason(e), e);
        }
        if (!Files.isWritable(folder)) {
            throw new IOException("folder " + folder + " is not writable");
        }
    }

    /** Why an operation on a file failed, in words: the message of many exceptions is nothing but the file's name. */
    public static String reason(IOException e) {
        for (Map.Entry<Class<?>, String> known : REASONS) {
            if (known.getKey().isInstance(e)) {
                return known.getValue();
            }
        }
        String reason = e instanceof FileSystemException system ? system.getReason() : e.getMessage();
        return reason != null
                ? reason
                : e instanceof EOFException ? "it ends early" : e.getClass().getSimpleName();
    }

    /** The folder of a file to write, of which nothing else may have the name; devices and pipes would be replaced. */
    private static Path requireFile(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || Files.isDirectory(file)) {
            throw new IOException(file + " cannot be written: it is a folder");
        }
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new IOException(file + " cannot be written: it is a device or pipe, not a file");
        }
        return folder;
    }

    /**
     * Takes a hidden name beside a file, to write to what others write and to move from there.
     *
     * @throws IOException if the folder is missing or not writable, or the name is that of a folder, device or pipe
     */
    public static HiddenName hidden(Path file) throws IOException {
        Path folder = requireFile(file);
        try {
            return HiddenName.create(folder);
        } catch (IOException e) {
            if (!Files.isDirectory(folder)) {
                throw new IOException(file + " cannot be written: there is no folder " + folder, e);
            }
            throw failure(file, e);
        }
    }

    /** Makes the names in a folder durable, where the system can; Windows opens no folders. */
    static void forceFolder(Path folder) {
        boolean interrupted = Thread.interrupted(); // would close the channel
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            return; // the file is whole in any case
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void deleteAfter(Throwable failure, Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private static IOException failure(Path file, IOException e) {
        return new IOException(file + " cannot be written: " + reason(e), e);
    }

    /** Names the file when writing fails, which the system does not: the disk may be full, for example. */
    private static final class Naming extends FilterOutputStream {
        private final Path file;

        Naming(Path temporary, Path file) throws IOException {
            super(new FileOutputStream(temporary.toFile()));
            this.file = file;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            try {
                out.write(bytes, from, count);
            } catch (IOException e) {
                throw failure(file, e);
            }
        }
    }
}
