package dev.sam2j.weights.download;

import dev.sam2j.common.io.AtomicFiles;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** The beginning of a file being downloaded, and beside it the server's tag of the version it belongs to. */
public final class PartialFile {
    private static final int MAX_TAG = 1024;
    private static final Pattern STRONG_TAG = Pattern.compile("\"[\\x21\\x23-\\x7e\\x80-\\xff]*\"");

    private final Path path;
    private final Path tagPath;
    private final long total;

    private PartialFile(Path path, Path tagPath, long total) {
        this.path = path;
        this.tagPath = tagPath;
        this.total = total;
    }

    /** The partial file beside {@code target}; one that is larger than the whole is discarded. */
    public static PartialFile of(Path target, long total) throws IOException {
        Path path = target.resolveSibling(target.getFileName() + ".part");
        PartialFile part = new PartialFile(path, path.resolveSibling(path.getFileName() + ".etag"), total);
        if (part.size() > total) {
            part.discard();
        }
        return part;
    }

    /** Where the data is. */
    public Path path() {
        return path;
    }

    /** Size of the whole file. */
    long total() {
        return total;
    }

    /** Bytes that are there. */
    public long size() throws IOException {
        return Files.exists(path) ? Files.size(path) : 0;
    }

    /** The tag stored with the data, or null if there is none or it is damaged. */
    String tag() throws IOException {
        if (!Files.isRegularFile(tagPath) || Files.size(tagPath) > MAX_TAG) {
            return null;
        }
        String tag = Files.readString(tagPath, StandardCharsets.ISO_8859_1);
        return isStrong(tag) ? tag : null;
    }

    /**
     * Whether a tag promises equal bytes (RFC 9110, 8.8.3). A weak one does not and may not be sent with If-Range.
     */
    static boolean isStrong(String tag) {
        return STRONG_TAG.matcher(tag).matches();
    }

    /** Starts anew, with data of the version that {@code tag} (may be null) names. */
    void restart(String tag) throws IOException {
        discard();
        if (tag != null && tag.length() <= MAX_TAG) {
            Files.writeString(tagPath, tag, StandardCharsets.ISO_8859_1);
        }
    }

    /** Removes the data and its tag. */
    public void discard() throws IOException {
        Files.deleteIfExists(path);
        Files.deleteIfExists(tagPath);
    }

    /** Opens the file to append to it; an interrupt of the thread does not close it, as it would a channel. */
    OutputStream append() throws IOException {
        return new FileOutputStream(path.toFile(), true);
    }

    /** Gives the complete file its name. */
    public void moveTo(Path target) throws IOException {
        AtomicFiles.put(path, target);
        Files.deleteIfExists(tagPath);
    }
}
