package dev.sam2j.weights.file;

import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.weights.CheckpointException;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Bytes that are read from anywhere, of a file or in memory. Reading copies: pages of a mapping that were touched would
 * count as the process's memory until the collector unmaps it. It goes on when the thread is interrupted, since a
 * {@link RandomAccessFile}, unlike a channel, is not closed by that. For several threads.
 */
public final class InputFile implements AutoCloseable {
    private final Path path;
    private final long size;
    private final Content content;
    private final AutoCloseable opened;
    private volatile boolean closed;

    private InputFile(Path path, long size, Content content, AutoCloseable opened) {
        this.path = path;
        this.size = size;
        this.content = content;
        this.opened = opened;
    }

    /** Copies bytes from a place that is inside. */
    private interface Content {
        void copy(long position, byte[] destination, int from, int count) throws IOException;
    }

    /**
     * Opens a file.
     *
     * @throws CheckpointException if there is no such file, it cannot be read or is empty
     */
    public static InputFile open(Path path) {
        if (path.toString().isEmpty()) {
            throw new CheckpointException(path, "the name of the checkpoint is empty");
        }
        if (Files.isDirectory(path)) {
            throw new CheckpointException(path, "this is a folder, not a checkpoint file");
        }
        if (!Files.exists(path)) {
            boolean address = path.toString().matches("[a-z][a-z0-9+]+:/.*");
            throw new CheckpointException(
                    path, address ? "this is an address on the network, download the file first" : "no such file");
        }
        if (!Files.isReadable(path)) {
            throw new CheckpointException(path, "the file cannot be read (permission denied)");
        }
        if (!Files.isRegularFile(path)) {
            throw new CheckpointException(path, "this is a device or pipe, checkpoints are read from files only");
        }
        try {
            RandomAccessFile file = new RandomAccessFile(path.toFile(), "r");
            InputFile input = new InputFile(path, file.length(), reading(file), file);
            if (input.size == 0) {
                input.close();
                throw new CheckpointException(path, "the file is empty");
            }
            return input;
        } catch (IOException e) {
            throw new CheckpointException(path, "the file cannot be read (" + AtomicFiles.reason(e) + ")", e);
        }
    }

    private static Content reading(RandomAccessFile file) {
        return (position, destination, from, count) -> {
            synchronized (file) {
                file.seek(position);
                file.readFully(destination, from, count);
            }
        };
    }

    /** The content of a file, already in memory; {@code name} stands for its path. */
    public static InputFile of(Path name, byte[] bytes) {
        return new InputFile(
                name,
                bytes.length,
                (position, destination, from, count) ->
                        System.arraycopy(bytes, Math.toIntExact(position), destination, from, count),
                () -> {});
    }

    /** The name of the file. */
    public Path path() {
        return path;
    }

    /** Its size in bytes. */
    public long size() {
        return size;
    }

    /**
     * Copies {@code count} bytes from {@code position} on.
     *
     * @throws IOException if the file cannot be read, or has become shorter
     * @throws IllegalStateException if it has been closed
     */
    void read(long position, byte[] destination, int from, int count) throws IOException {
        if (closed) {
            throw new IllegalStateException(path + ": the checkpoint has been closed");
        }
        if (position < 0 || position > size - count) {
            throw new EOFException("byte " + position + " is not in the file");
        }
        content.copy(position, destination, from, count);
    }

    /**
     * As {@link #read}, into a new array.
     *
     * @throws CheckpointException if the file cannot be read
     */
    public byte[] bytes(long position, int count) {
        byte[] copy = new byte[count];
        try {
            read(position, copy, 0, count);
        } catch (IOException e) {
            throw new CheckpointException(path, "the file cannot be read (" + AtomicFiles.reason(e) + ")", e);
        }
        return copy;
    }

    /** As {@link #bytes}, for numbers, little-endian. */
    public ByteBuffer buffer(long position, int count) {
        return ByteBuffer.wrap(bytes(position, count)).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() {
        closed = true;
        try {
            opened.close();
        } catch (Exception e) {
            // Nothing was written, so nothing can be lost.
        }
    }
}
