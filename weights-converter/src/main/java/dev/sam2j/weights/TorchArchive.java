package dev.sam2j.weights;

import dev.sam2j.weights.io.PrintableText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * The zip container of {@code torch.save}: where each entry's bytes lie in the file. Only what torch writes is
 * accepted: stored (uncompressed) entries with distinct names that lie one after another before the central directory.
 */
final class TorchArchive {
    /** Far above the 900 storages of the largest model, far below what would fill the heap. */
    private static final int MAX_ENTRIES = 100_000;

    private static final int MAX_NAME = 1024;
    private static final long MAX_DIRECTORY_BYTES = 16L << 20;
    private static final int LOCAL_HEADER = 30;
    private static final int LOCAL_SIGNATURE = 0x04034b50;
    private static final int END_RECORD = 22;
    private static final int END_SIGNATURE = 0x06054b50;
    private static final int MAX_COMMENT = 0xffff;

    private final Map<String, Entry> entries;

    private TorchArchive(Map<String, Entry> entries) {
        this.entries = entries;
    }

    /** Bytes of the file that belong to an entry. */
    record Entry(String name, long headerPosition, long position, long length) {
        long end() {
            return position + length;
        }
    }

    /** The entry of exactly this name, or null. */
    Entry get(String name) {
        return entries.get(name);
    }

    /** Names of all entries, in the order of the directory. */
    Iterable<String> names() {
        return entries.keySet();
    }

    static TorchArchive read(MappedFile file) {
        checkEndRecord(file);
        Map<String, Entry> entries = new LinkedHashMap<>();
        try (ZipFile zip = ZipFile.builder()
                .setSeekableByteChannel(new BoundedChannel(file.channel(), MAX_DIRECTORY_BYTES))
                .setIgnoreLocalFileHeader(true)
                .get()) {
            if (zip.getFirstLocalFileHeaderOffset() != 0) {
                throw damaged(file, "its directory is not where the end record says");
            }
            Enumeration<ZipArchiveEntry> listed = zip.getEntries();
            while (listed.hasMoreElements()) {
                Entry entry = locate(file, listed.nextElement());
                if (entries.put(entry.name(), entry) != null) {
                    throw damaged(file, "it has two entries named " + entry.name());
                }
                if (entries.size() > MAX_ENTRIES) {
                    throw damaged(file, "it has more than " + MAX_ENTRIES + " entries");
                }
            }
        } catch (CheckpointException e) {
            throw e;
        } catch (IOException
                | RuntimeException e) { // the parser does not promise to meet every hostile field with an IOException
            throw new CheckpointException(file.path(), "the zip archive is damaged (" + reason(e) + ")", e);
        }
        checkOverlaps(file, entries);
        return new TorchArchive(entries);
    }

    /** The innermost message: the parser wraps what went wrong in a general sentence. */
    private static String reason(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null
                ? cause.getClass().getSimpleName()
                : PrintableText.shortened(cause.getMessage());
    }

    /** Finds the end record in the last bytes: cheap proof that the file is complete before its directory is parsed. */
    private static void checkEndRecord(MappedFile file) {
        int window = (int) Math.min(file.size(), END_RECORD + MAX_COMMENT);
        ByteBuffer tail = file.range(file.size() - window, window, ByteOrder.LITTLE_ENDIAN);
        for (int at = window - END_RECORD; at >= 0; at--) {
            if (tail.getInt(at) == END_SIGNATURE && at + END_RECORD + (tail.getShort(at + 20) & 0xffff) == window) {
                return;
            }
        }
        throw new CheckpointException(file.path(), "the zip archive has no end record, the file is probably truncated");
    }

    private static Entry locate(MappedFile file, ZipArchiveEntry entry) {
        String name = entry.getName();
        if (name.length() > MAX_NAME || name.chars().anyMatch(Character::isISOControl)) {
            throw damaged(
                    file, "an entry has a name of control characters or of more than " + MAX_NAME + " characters");
        }
        if (entry.getGeneralPurposeBit().usesEncryption()) {
            throw new CheckpointException(file.path(), "the zip entry " + name + " is encrypted");
        }
        if (entry.getMethod() != ZipArchiveEntry.STORED || entry.getSize() != entry.getCompressedSize()) {
            throw new CheckpointException(
                    file.path(), "the zip entry " + name + " is compressed, torch.save stores entries uncompressed");
        }
        long header = entry.getLocalHeaderOffset();
        long size = entry.getSize();
        if (header < 0 || size < 0 || header > file.size() - LOCAL_HEADER || size > file.size()) {
            throw beyondEnd(file, name);
        }
        return locate(file, name, header, size);
    }

    private static Entry locate(MappedFile file, String name, long header, long size) {
        ByteBuffer local = file.range(header, LOCAL_HEADER, ByteOrder.LITTLE_ENDIAN);
        if (local.getInt(0) != LOCAL_SIGNATURE) {
            throw damaged(file, "the entry " + name + " does not begin where the directory says");
        }
        int nameLength = local.getShort(26) & 0xffff;
        long position = header + LOCAL_HEADER + nameLength + (local.getShort(28) & 0xffff);
        if (position > file.size() - size) {
            throw beyondEnd(file, name);
        }
        byte[] localName = file.bytes(header + LOCAL_HEADER, nameLength);
        boolean sameName = name.equals(new String(localName, StandardCharsets.UTF_8));
        boolean sizesFollow = (local.getShort(6) & 8) != 0 || local.getInt(22) == -1;
        boolean sameSize = sizesFollow || (local.getInt(22) & 0xffffffffL) == size;
        if (!sameName || !sameSize || local.getShort(8) != ZipArchiveEntry.STORED) {
            throw damaged(file, "the entry " + name + " differs from its directory record");
        }
        return new Entry(name, header, position, size);
    }

    private static void checkOverlaps(MappedFile file, Map<String, Entry> entries) {
        List<Entry> sorted = new ArrayList<>(entries.values());
        sorted.sort(Comparator.comparingLong(Entry::headerPosition));
        for (int i = 1; i < sorted.size(); i++) {
            if (sorted.get(i).headerPosition() < sorted.get(i - 1).end()) {
                throw damaged(
                        file,
                        "the entries " + sorted.get(i - 1).name() + " and "
                                + sorted.get(i).name() + " overlap");
            }
        }
    }

    private static CheckpointException beyondEnd(MappedFile file, String name) {
        return damaged(file, "the entry " + name + " reaches beyond the end of the file");
    }

    private static CheckpointException damaged(MappedFile file, String what) {
        return new CheckpointException(file.path(), "the zip archive is damaged: " + what);
    }
}
