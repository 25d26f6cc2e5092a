package dev.sam2j.weights;

import dev.sam2j.weights.io.AtomicFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The beginning of a file being downloaded, and beside it the server's tag of the version it belongs to. */
final class PartialFile {
    private static final int MAX_TAG = 1024;

    private final Path path;
    private final Path tagPath;
    private final long total;

    private PartialFile(Path path, Path tagPath, long total) {
        this.path = path;
        this.tagPath = tagPath;
        this.total = total;
    }

    /** The partial file beside {@code target}; one that is larger than the whole is discarded. */
    static PartialFile of(Path target, long total) throws IOException {
        Path path = target.resolveSibling(target.getFileName() + ".part");
        PartialFile part = new PartialFile(path, path.resolveSibling(path.getFileName() + ".etag"), total);
        if (part.size() > total) {
            part.discard();
        }
        return part;
    }

    Path path() {
        return path;
    }

    /** Size of the whole file. */
    long total() {
        return total;
    }

    long size() throws IOException {
        return Files.exists(path) ? Files.size(path) : 0;
    }

    /** The tag stored with the data, or null. */
    String tag() throws IOException {
        return Files.exists(tagPath) && Files.size(tagPath) <= MAX_TAG ? Files.readString(tagPath) : null;
    }

    /** Starts anew, with data of the version that {@code tag} (may be null) names. */
    void restart(String tag) throws IOException {
        discard();
        if (tag != null && tag.length() <= MAX_TAG) {
            Files.writeString(tagPath, tag, StandardCharsets.UTF_8);
        }
    }

    void discard() throws IOException {
        Files.deleteIfExists(path);
        Files.deleteIfExists(tagPath);
    }

    /** Opens the file to append to it. */
    FileChannel append() throws IOException {
        return FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    static void write(FileChannel channel, byte[] bytes, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, count);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /** Gives the complete file its name. */
    void moveTo(Path target) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        AtomicFiles.move(path, target);
        Files.deleteIfExists(tagPath);
    }
}
