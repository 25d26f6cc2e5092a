package dev.sam2j.weights.torch;

import dev.sam2j.common.io.AtomicFiles.Content;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;

/**
 * Writes a zip archive of entries that are not compressed, front to back. A local header tells the size and CRC of its
 * content, since sizes behind that are not for entries that are stored: so each content is produced twice.
 */
final class ZipWriter {
    private final OutputStream out;
    private final int alignment;
    private final List<StoredEntry> entries = new ArrayList<>();
    private long position;

    /** Contents begin at multiples of {@code alignment}; {@code out} is where the file begins. */
    ZipWriter(OutputStream out, int alignment) {
        this.out = out;
        this.alignment = alignment;
    }

    /** Adds an entry, whose content is asked for twice, and tells its CRC-32. */
    int add(String name, long size, Content content) throws IOException {
        StoredEntry entry = new StoredEntry(name, position, size, crc(content));
        byte[] header = entry.localHeader(alignment);
        out.write(header);
        content.writeTo(out);
        position += header.length + size;
        entries.add(entry);
        return entry.crc();
    }

    /** Adds an entry of a few bytes. */
    void add(String name, byte[] content) throws IOException {
        add(name, content.length, stream -> stream.write(content));
    }

    /** Writes the directory, after the last entry. */
    void finish() throws IOException {
        long length = 0;
        for (StoredEntry entry : entries) {
            byte[] written = entry.directoryRecord();
            out.write(written);
            length += written.length;
        }
        out.write(StoredEntry.endRecords(entries.size(), position, length));
    }

    /** The CRC-32 of a content. */
    static int crc(Content content) throws IOException {
        CheckedOutputStream checked = new CheckedOutputStream(OutputStream.nullOutputStream(), new CRC32());
        content.writeTo(checked);
        return (int) checked.getChecksum().getValue();
    }
}
