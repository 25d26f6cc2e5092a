package dev.sam2j.weights.torch;

import dev.sam2j.common.io.PrintableText;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.file.DataRange;
import dev.sam2j.weights.file.InputFile;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The zip container of {@code torch.save}: where each entry's bytes lie in the file (PKWARE's APPNOTE 4.3.7 and
 * 4.3.12). Entries are stored, or deflated by a tool that packed the archive again; they have distinct relative names,
 * and their local headers say what the directory says. Nothing is believed that would need more memory than the
 * directory itself.
 */
final class TorchArchive {
    private static final int MAX_NAME = 1024;

    /** Deflate makes no more of a byte than this. */
    private static final int MAX_RATIO = 1032;

    private static final int RECORD = 46;
    private static final int RECORD_SIGNATURE = 0x02014b50;
    private static final int LOCAL_HEADER = 30;
    private static final int LOCAL_SIGNATURE = 0x04034b50;
    private static final int LONG_SIZES = 0x0001;
    private static final int STORED = 0;
    private static final int DEFLATED = 8;

    /** Bits 0, 6 and 13: the content, a strong cipher, and the directory. */
    private static final int ENCRYPTED = 1 | 1 << 6 | 1 << 13;

    private static final int SIZES_FOLLOW = 1 << 3;
    private static final int PATCH = 1 << 5;
    private static final long INT_MASK = 0xffffffffL;

    private final InputFile file;
    private final Map<String, DataRange> entries = new LinkedHashMap<>();
    private final List<Extent> extents = new ArrayList<>();

    private TorchArchive(InputFile file) {
        this.file = file;
    }

    /** What an entry occupies, with its local header. */
    private record Extent(String name, long begin, long end) {}

    /** A record of the central directory. */
    private record Listed(String name, byte[] rawName, int flags, int method, long stored, long length, long header) {}

    static TorchArchive read(InputFile file) {
        ZipDirectory directory = ZipDirectory.find(file);
        TorchArchive archive = new TorchArchive(file);
        ByteBuffer records = file.buffer(directory.position(), directory.length());
        try {
            for (int i = 0; i < directory.entries(); i++) {
                archive.add(archive.next(records), directory.position());
            }
        } catch (BufferUnderflowException e) {
            throw archive.damaged("its directory lists fewer entries than its end record says");
        }
        if (records.hasRemaining()) {
            throw archive.damaged("its directory lists more entries than its end record says");
        }
        archive.checkOverlaps();
        return archive;
    }

    /** The entry of exactly this name, or null. */
    DataRange get(String name) {
        return entries.get(name);
    }

    /** Names of all entries, in the order of the directory. */
    Iterable<String> names() {
        return entries.keySet();
    }

    private Listed next(ByteBuffer records) {
        byte[] head = new byte[RECORD];
        records.get(head);
        ByteBuffer record = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
        if (record.getInt(0) != RECORD_SIGNATURE) {
            throw damaged("its directory has something else than entries");
        }
        byte[] rawName = new byte[record.getShort(28) & 0xffff];
        records.get(rawName);
        byte[] extra = new byte[record.getShort(30) & 0xffff];
        records.get(extra);
        byte[] comment = new byte[record.getShort(32) & 0xffff];
        records.get(comment);
        String name = checkedName(rawName);
        if ((record.getShort(34) & 0xffff) != 0) {
            throw damaged("the entry " + name + " lies in another file");
        }
        long[] values = {record.getInt(24) & INT_MASK, record.getInt(20) & INT_MASK, record.getInt(42) & INT_MASK};
        extend(values, ByteBuffer.wrap(extra).order(ByteOrder.LITTLE_ENDIAN), name);
        return new Listed(
                name,
                rawName,
                record.getShort(8) & 0xffff,
                record.getShort(10) & 0xffff,
                values[1],
                values[0],
                values[2]);
    }

    private String checkedName(byte[] raw) {
        String name = new String(raw, StandardCharsets.UTF_8);
        if (name.length() > MAX_NAME || !PrintableText.isPrintable(name)) {
            throw damaged("an entry has the name " + PrintableText.shortened(name)
                    + ", which is not printable or longer than " + MAX_NAME + " characters");
        }
        boolean absolute = name.startsWith("/") || name.contains("\\") || name.matches("[A-Za-z]:.*");
        if (name.isEmpty() || absolute || Arrays.asList(name.split("/")).contains("..")) {
            throw damaged("the entry name '" + name + "' is not a relative path");
        }
        return name;
    }

    /** Puts in the 64-bit values, of which the extra field has those that do not fit 32 bits, in this order. */
    private void extend(long[] values, ByteBuffer extra, String name) {
        while (extra.remaining() >= 4) {
            int id = extra.getShort() & 0xffff;
            int size = extra.getShort() & 0xffff;
            if (size > extra.remaining()) {
                throw damaged("the entry " + name + " has an extra field that does not end");
            }
            int end = extra.position() + size;
            for (int i = 0; id == LONG_SIZES && i < values.length && extra.position() <= end - 8; i++) {
                if (values[i] == INT_MASK) {
                    values[i] = extra.getLong();
                }
            }
            extra.position(end);
        }
    }

    private void add(Listed listed, long directory) {
        String name = listed.name();
        if ((listed.flags() & ENCRYPTED) != 0) {
            throw new CheckpointException(file.path(), "the zip entry " + name + " is encrypted");
        }
        boolean deflated = listed.method() == DEFLATED;
        if (!deflated && listed.method() != STORED || (listed.flags() & PATCH) != 0) {
            throw new CheckpointException(
                    file.path(),
                    "the zip entry " + name + " is compressed by method " + listed.method()
                            + ", only stored and deflated ones are read");
        }
        boolean sizes = deflated ? listed.length() / MAX_RATIO <= listed.stored() : listed.length() == listed.stored();
        if (!sizes || listed.stored() < 0 || listed.length() < 0) {
            throw damaged("the entry " + name + " has " + listed.stored() + " bytes that cannot stand for "
                    + listed.length());
        }
        long position = checkedPosition(listed, directory);
        DataRange range = new DataRange(file, position, listed.stored(), listed.length(), deflated);
        if (entries.put(name, range) != null) {
            throw damaged("it has two entries named " + name);
        }
        extents.add(new Extent(name, listed.header(), range.end()));
    }

    /** Position of the content, after proof that it lies before the directory and its local header agrees. */
    private long checkedPosition(Listed listed, long directory) {
        String name = listed.name();
        if (listed.header() < 0 || listed.header() > directory - LOCAL_HEADER) {
            throw beyondEnd(name);
        }
        ByteBuffer local = file.buffer(listed.header(), LOCAL_HEADER);
        if (local.getInt(0) != LOCAL_SIGNATURE) {
            throw damaged("the entry " + name + " does not begin where the directory says");
        }
        int nameLength = local.getShort(26) & 0xffff;
        long position = listed.header() + LOCAL_HEADER + nameLength + (local.getShort(28) & 0xffff);
        if (position > directory - listed.stored()) {
            throw beyondEnd(name);
        }
        boolean sizesFollow = (local.getShort(6) & SIZES_FOLLOW) != 0 || local.getInt(22) == -1;
        boolean same = Arrays.equals(listed.rawName(), file.bytes(listed.header() + LOCAL_HEADER, nameLength))
                && (sizesFollow || (local.getInt(22) & INT_MASK) == listed.length())
                && (local.getShort(8) & 0xffff) == listed.method()
                && (local.getShort(6) & ENCRYPTED) == 0;
        if (!same) {
            throw damaged("the entry " + name + " differs from its directory record");
        }
        return position;
    }

    private void checkOverlaps() {
        extents.sort(Comparator.comparingLong(Extent::begin));
        for (int i = 1; i < extents.size(); i++) {
            if (extents.get(i).begin() < extents.get(i - 1).end()) {
                throw damaged("the entries " + extents.get(i - 1).name() + " and "
                        + extents.get(i).name() + " overlap");
            }
        }
    }

    private CheckpointException beyondEnd(String name) {
        return damaged("the entry " + name + " reaches beyond the end of the file");
    }

    private CheckpointException damaged(String what) {
        return new CheckpointException(file.path(), "the zip archive is damaged: " + what);
    }
}
