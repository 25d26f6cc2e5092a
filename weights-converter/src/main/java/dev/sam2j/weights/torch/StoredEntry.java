package dev.sam2j.weights.torch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * An entry of a zip archive that is not compressed, and what an archive of such entries consists of beside their
 * content (PKWARE's APPNOTE 4.3.7, 4.3.12 and 4.3.14 to 4.3.16): records with 64-bit fields (zip64) where 32 bits do
 * not hold a number, and the date 1980-01-01 for all.
 *
 * @param name path in the archive
 * @param header position of the local header in the file
 * @param size bytes of the content
 * @param crc CRC-32 of the content
 */
record StoredEntry(String name, long header, long size, int crc) {
    private static final int LOCAL_HEADER = 30;
    private static final int RECORD = 46;
    private static final int END_RECORD = 22;
    private static final int LONG_END_RECORD = 56;
    private static final int LOCATOR = 20;
    private static final short LONG_FIELDS = 0x0001;

    /** The extra field that {@code torch.save} aligns with. */
    private static final short PADDING = 0x4246;

    private static final int EXTRA_HEAD = 4;
    private static final int INT_MAX = 0xffffffff;
    private static final int SHORT_MAX = 0xffff;
    private static final short VERSION = 20;
    private static final short LONG_VERSION = 45;
    private static final short UTF_8 = 0x0800;
    private static final short FIRST_DATE = 0x21;

    /** What comes before the content, which then begins at a multiple of {@code alignment}. */
    byte[] localHeader(int alignment) {
        byte[] nameBytes = nameBytes();
        int longFields = fits(size) ? 0 : EXTRA_HEAD + 2 * Long.BYTES;
        int padding = Math.floorMod(-(header + LOCAL_HEADER + nameBytes.length + longFields), alignment);
        while (padding > 0 && padding < EXTRA_HEAD) {
            padding += alignment;
        }
        ByteBuffer out = little(LOCAL_HEADER + nameBytes.length + longFields + padding);
        out.putInt(0x04034b50).putShort(fits(size) ? VERSION : LONG_VERSION);
        putCommon(out, nameBytes, longFields + padding).put(nameBytes);
        if (longFields > 0) {
            putExtra(out, LONG_FIELDS, longFields).putLong(size).putLong(size);
        }
        if (padding > 0) {
            putExtra(out, PADDING, padding); // and zeros
        }
        return out.array();
    }

    /** The record in the archive's directory. */
    byte[] directoryRecord() {
        byte[] nameBytes = nameBytes();
        int longFields = (fits(size) ? 0 : 2 * Long.BYTES) + (fits(header) ? 0 : Long.BYTES);
        int extra = longFields == 0 ? 0 : EXTRA_HEAD + longFields;
        short version = longFields == 0 ? VERSION : LONG_VERSION;
        ByteBuffer out = little(RECORD + nameBytes.length + extra);
        out.putInt(0x02014b50).putShort(version).putShort(version);
        putCommon(out, nameBytes, extra);
        out.position(RECORD - Integer.BYTES); // no comment, first file, no attributes
        out.putInt(narrow(header)).put(nameBytes);
        if (extra > 0) {
            putExtra(out, LONG_FIELDS, extra);
        }
        if (!fits(size)) {
            out.putLong(size).putLong(size);
        }
        if (!fits(header)) {
            out.putLong(header);
        }
        return out.array();
    }

    /**
     * What ends an archive, behind its directory.
     *
     * @param entries number of entries
     * @param directory position of the directory in the file
     * @param length bytes of the directory
     */
    static byte[] endRecords(int entries, long directory, long length) {
        boolean isLong = entries >= SHORT_MAX || !fits(directory) || !fits(length);
        ByteBuffer out = little(isLong ? LONG_END_RECORD + LOCATOR + END_RECORD : END_RECORD);
        if (isLong) {
            out.putInt(0x06064b50).putLong(LONG_END_RECORD - Integer.BYTES - Long.BYTES);
            out.putShort(LONG_VERSION).putShort(LONG_VERSION).putLong(0); // of disks there is one
            out.putLong(entries).putLong(entries).putLong(length).putLong(directory);
            out.putInt(0x07064b50).putInt(0).putLong(directory + length).putInt(1);
        }
        short count = (short) Math.min(entries, SHORT_MAX);
        out.putInt(0x06054b50).putInt(0).putShort(count).putShort(count);
        out.putInt(narrow(length)).putInt(narrow(directory));
        return out.array();
    }

    /** The fields from flags to the length of the extra fields, which both headers have. */
    private ByteBuffer putCommon(ByteBuffer out, byte[] nameBytes, int extra) {
        out.putShort(UTF_8).putShort((short) 0).putShort((short) 0).putShort(FIRST_DATE);
        out.putInt(crc).putInt(narrow(size)).putInt(narrow(size));
        return out.putShort((short) nameBytes.length).putShort((short) extra);
    }

    private static ByteBuffer putExtra(ByteBuffer out, short id, int bytes) {
        return out.putShort(id).putShort((short) (bytes - EXTRA_HEAD));
    }

    private byte[] nameBytes() {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    private static boolean fits(long value) {
        return value < Integer.toUnsignedLong(INT_MAX);
    }

    /** The value, or the mark for that it stands in a 64-bit field. */
    private static int narrow(long value) {
        return fits(value) ? (int) value : INT_MAX;
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
