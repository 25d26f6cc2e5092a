package dev.sam2j.weights;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A file for reading, by mapping it into memory or by copying. What is read once and is large is better copied: pages
 * of a mapping that were touched count as the process's memory until the collector unmaps it. Segments start every
 * {@value #SEGMENT} bytes and are almost twice as long, so a range of up to {@value #MAX_RANGE} bytes always lies in
 * one of them; each is mapped when first touched. Closing drops the mappings, which the collector then unmaps.
 */
final class MappedFile implements AutoCloseable {
    static final int MAX_RANGE = 1 << 30;

    private static final int SEGMENT_BITS = 30;
    private static final long SEGMENT = 1L << SEGMENT_BITS;

    private final Path path;
    /** Copies, unlike its channel, go on when the reading thread is interrupted. */
    private final RandomAccessFile file;

    private final FileChannel channel;
    private final long size;
    private final AtomicReferenceArray<ByteBuffer> segments;
    private volatile boolean closed;

    private MappedFile(Path path, RandomAccessFile file, long size) {
        this.path = path;
        this.file = file;
        this.channel = file.getChannel();
        this.size = size;
        this.segments = new AtomicReferenceArray<>((int) Math.max(1, size + SEGMENT - 1 >>> SEGMENT_BITS));
    }

    static MappedFile open(Path path) {
        if (Files.isDirectory(path)) {
            throw new CheckpointException(path, "this is a folder, not a checkpoint file");
        }
        if (!Files.exists(path)) {
            throw new CheckpointException(path, "no such file");
        }
        RandomAccessFile file = null;
        try {
            file = new RandomAccessFile(path.toFile(), "r");
            long size = file.length();
            if (size == 0) {
                throw new CheckpointException(path, "the file is empty");
            }
            return new MappedFile(path, file, size);
        } catch (IOException e) {
            closeQuietly(file);
            throw new CheckpointException(path, "the file cannot be opened (" + e.getMessage() + ")", e);
        } catch (CheckpointException e) {
            closeQuietly(file);
            throw e;
        }
    }

    private static void closeQuietly(RandomAccessFile file) {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException ignored) {
            // The problem that led here is the one worth reporting.
        }
    }

    Path path() {
        return path;
    }

    FileChannel channel() {
        return channel;
    }

    long size() {
        return size;
    }

    /**
     * A fresh view of {@code length} bytes from {@code position} on; the caller has checked that they are in the file.
     */
    ByteBuffer range(long position, int length, ByteOrder order) {
        int index = (int) (position >>> SEGMENT_BITS);
        int start = (int) (position - (index * SEGMENT));
        return segment(index).slice(start, length).order(order);
    }

    /** The range as a copy. */
    byte[] bytes(long position, int length) {
        byte[] copy = new byte[length];
        range(position, length, ByteOrder.LITTLE_ENDIAN).get(copy);
        return copy;
    }

    /**
     * Copies {@code length} bytes from {@code position} on.
     *
     * @throws IOException if the file cannot be read, or has become shorter
     */
    void read(long position, byte[] destination, int length) throws IOException {
        synchronized (file) {
            checkOpen();
            file.seek(position);
            file.readFully(destination, 0, length);
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException(path + ": the checkpoint has been closed");
        }
    }

    private ByteBuffer segment(int index) {
        checkOpen();
        ByteBuffer segment = segments.get(index);
        if (segment == null) {
            try {
                long start = index * SEGMENT;
                segment = channel.map(MapMode.READ_ONLY, start, Math.min(size - start, Integer.MAX_VALUE));
            } catch (IOException e) {
                throw new CheckpointException(path, "the file cannot be mapped (" + e.getMessage() + ")", e);
            }
            segments.set(index, segment);
        }
        return segment;
    }

    @Override
    public void close() {
        synchronized (file) {
            closed = true;
            closeQuietly(file);
        }
        for (int i = 0; i < segments.length(); i++) {
            segments.set(i, null);
        }
    }
}
