package dev.sam2j.weights.torch;

import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.file.InputFile;
import java.nio.ByteBuffer;

/**
 * Where the central directory of a zip archive lies and how many entries it has, as the end records say (PKWARE's
 * APPNOTE 4.3.14 to 4.3.16). They must agree with each other and with the file, and all of it must be in one file.
 */
record ZipDirectory(long position, int length, int entries) {
    /** Far above the 900 storages of the largest model and the 3,000 of one with its optimizer. */
    private static final int MAX_ENTRIES = 20_000;

    private static final int MAX_BYTES = 16 << 20;
    private static final int END_RECORD = 22;
    private static final int END_SIGNATURE = 0x06054b50;
    private static final int LOCATOR = 20;
    private static final int LOCATOR_SIGNATURE = 0x07064b50;
    private static final int LONG_END_RECORD = 56;
    private static final int LONG_END_SIGNATURE = 0x06064b50;
    private static final int MAX_COMMENT = 0xffff;
    private static final long INT_MASK = 0xffffffffL;

    static ZipDirectory find(InputFile file) {
        long end = findEnd(file);
        ByteBuffer record = file.buffer(end, END_RECORD);
        ZipRecord found = new ZipRecord(
                record.getShort(4) & 0xffff,
                record.getShort(6) & 0xffff,
                record.getShort(8) & 0xffff,
                record.getShort(10) & 0xffff,
                record.getInt(12) & INT_MASK,
                record.getInt(16) & INT_MASK);
        ByteBuffer locator = end < LOCATOR ? null : file.buffer(end - LOCATOR, LOCATOR);
        if (locator != null && locator.getInt(0) == LOCATOR_SIGNATURE) {
            end = locator.getLong(8);
            found = found.extendedBy(readLong(file, locator));
        }
        if (found.disk != 0 || found.directoryDisk != 0 || found.entriesHere != found.entries) {
            throw damaged(file, "it is one part of an archive of several");
        }
        if (found.entries > MAX_ENTRIES || found.length > MAX_BYTES) {
            throw damaged(
                    file,
                    "its directory has " + found.entries + " entries in " + found.length + " bytes, more than the "
                            + MAX_ENTRIES + " in " + MAX_BYTES + " bytes that are read");
        }
        if (found.position < 0 || found.length < 0 || found.position != end - found.length) {
            throw damaged(file, "its directory is not where the end record says");
        }
        return new ZipDirectory(found.position, (int) found.length, (int) found.entries);
    }

    /** The fields of an end record; {@code -1} as its width allows means that the long record has the value. */
    private record ZipRecord(
            long disk, long directoryDisk, long entriesHere, long entries, long length, long position) {
        ZipRecord extendedBy(ZipRecord wide) {
            return new ZipRecord(
                    disk == 0xffff ? wide.disk : disk,
                    directoryDisk == 0xffff ? wide.directoryDisk : directoryDisk,
                    entriesHere == 0xffff ? wide.entriesHere : entriesHere,
                    entries == 0xffff ? wide.entries : entries,
                    length == INT_MASK ? wide.length : length,
                    position == INT_MASK ? wide.position : position);
        }
    }

    /** The position of the end record, which is the last thing in the file but for a comment. */
    private static long findEnd(InputFile file) {
        int window = (int) Math.min(file.size(), END_RECORD + MAX_COMMENT);
        ByteBuffer tail = file.buffer(file.size() - window, window);
        for (int at = window - END_RECORD; at >= 0; at--) {
            if (tail.getInt(at) == END_SIGNATURE && at + END_RECORD + (tail.getShort(at + 20) & 0xffff) == window) {
                return file.size() - window + at;
            }
        }
        throw new CheckpointException(file.path(), "the zip archive has no end record, the file is probably truncated");
    }

    private static ZipRecord readLong(InputFile file, ByteBuffer locator) {
        long at = locator.getLong(8);
        if (locator.getInt(4) != 0 || Integer.compareUnsigned(locator.getInt(16), 1) > 0) {
            throw damaged(file, "it is one part of an archive of several");
        }
        if (at < 0 || at > file.size() - LONG_END_RECORD) {
            throw damaged(file, "its directory is not where the end record says");
        }
        ByteBuffer record = file.buffer(at, LONG_END_RECORD);
        if (record.getInt(0) != LONG_END_SIGNATURE) {
            throw damaged(file, "its directory is not where the end record says");
        }
        return new ZipRecord(
                record.getInt(16) & INT_MASK,
                record.getInt(20) & INT_MASK,
                record.getLong(24),
                record.getLong(32),
                record.getLong(40),
                record.getLong(48));
    }

    private static CheckpointException damaged(InputFile file, String what) {
        return new CheckpointException(file.path(), "the zip archive is damaged: " + what);
    }
}
